"""SubRip subtitles."""

from __future__ import annotations

import re

from pipeline.exporting.cues import Cue, clock, cues_of
from pipeline.exporting.transcript import Transcript

_MARKUP = re.compile(r"-->|<(?=[/A-Za-z])|\{(?=\\)")
_LOOK_ALIKES = {"-->": "→", "<": "‹", "{": "❴"}


def render(transcript: Transcript) -> str:
    """Numbered cues in order of their start; those of a recording with several channels begin with `[1]`, `[2]` ..."""
    several = len(transcript.channels) > 1
    cues = sorted((cue for row in transcript.rows for cue in cues_of(row)), key=_order)
    return "\n".join(
        _block(number, cue, f"[{cue.channel + 1}] " if several else "") for number, cue in enumerate(cues, 1)
    )


def _order(cue: Cue) -> tuple[int, int]:
    return cue.span.start_ms, cue.channel


def _block(number: int, cue: Cue, prefix: str) -> str:
    times = f"{clock(cue.span.start_ms, ',')} --> {clock(cue.span.end_ms, ',')}"
    return f"{number}\n{times}\n{prefix}{_plain(cue.text)}\n"


def _plain(text: str) -> str:
    """SubRip has no escapes: what a player would take for a tag, an override or a time line gets a look-alike."""
    return _MARKUP.sub(lambda found: _LOOK_ALIKES[found[0]], text)
