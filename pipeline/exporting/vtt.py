"""WebVTT subtitles, with the time of each word inside its cue.

Source: WebVTT, W3C Candidate Recommendation 4 April 2019, section 4 (syntax).
"""

from __future__ import annotations

from pipeline.exporting.cues import Cue, clock, cues_of
from pipeline.exporting.transcript import Transcript


def render(transcript: Transcript) -> str:
    """Cues in order of their start; with several channels each cue names its own as the voice."""
    several = len(transcript.channels) > 1
    cues = sorted((cue for row in transcript.rows for cue in cues_of(row)), key=_order)
    return "WEBVTT\n" + "".join(_block(cue, f"<v Channel {cue.channel + 1}>" if several else "") for cue in cues)


def _order(cue: Cue) -> tuple[int, int]:
    return cue.span.start_ms, cue.channel


def _block(cue: Cue, voice: str) -> str:
    times = f"{clock(cue.span.start_ms, '.')} --> {clock(cue.span.end_ms, '.')}"
    return f"\n{times}\n{voice}{_timed_text(cue)}\n"


def _timed_text(cue: Cue) -> str:
    """The pieces, each after the time when it begins; a time stamp must lie inside the cue and later than the last."""
    first, *rest = cue.pieces
    stamped = (f"<{clock(piece.start_ms, '.')}>{_escaped(piece.text)}" for piece in rest if piece.start_ms is not None)
    return (_escaped(first.text) + "".join(stamped)).strip()


def _escaped(text: str) -> str:
    """Escaping `>` also keeps `-->` out of the text, where it would end the cue."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
