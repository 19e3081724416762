"""NIST time-marked conversation: one word a line, for scoring with sclite.

Source: NIST SCTK, doc/infmts.htm, "ctm": `<file> <channel> <start s> <duration s> <word> [<confidence>]`, sorted by
file, channel and start; a line that begins with `;;` is a comment.
"""

from __future__ import annotations

from models.values import Word
from pipeline.exporting.transcript import Transcript, one_line
from pipeline.exporting.words import placed_words


def render(transcript: Transcript) -> str:
    """Channels count from 1. Words that the engine did not time are spread over their segment and carry no confidence.

    Leaving them out would count as deletions. The format has no escapes: white space within a field becomes `_`.
    """
    name = _field(transcript.recording).lstrip(";") or "_"
    return "".join(
        _line(f"{name} {channel + 1}", word)
        for channel in transcript.channels
        for row in transcript.channel_rows(channel)
        for word in placed_words(row)
    )


def _line(prefix: str, word: Word) -> str:
    times = f"{_seconds(word.span.start_ms)} {_seconds(word.span.duration_ms)}"
    confidence = "" if word.confidence is None else f" {min(max(word.confidence, 0.0), 1.0):.4f}"
    return f"{prefix} {times} {_field(word.text)}{confidence}\n"


def _field(text: str) -> str:
    return "_".join(one_line(text).split())


def _seconds(time_ms: int) -> str:
    return f"{time_ms // 1000}.{time_ms % 1000:03}"
