"""Times of transcript files as milliseconds."""

from __future__ import annotations

import math

from models.values import Span
from pipeline.transcripts.lines import Source


def milliseconds(source: Source, number: int, seconds: str) -> int:
    """Seconds as a file has them, for instance `12.34`.

    Raises:
        TranscriptInvalid: no number, or one below zero.
    """
    try:
        value = float(seconds)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1e9:
        raise source.fault(number, f"{seconds[:40]!r} is no time; expected seconds from the start of the recording")
    return round(value * 1000)


def span_of(source: Source, number: int, start_ms: int, end_ms: int) -> Span:
    """The span between two times; one that rounds to nothing lasts a millisecond.

    Raises:
        TranscriptInvalid: it ends before it starts.
    """
    if not 0 <= start_ms <= end_ms:
        raise source.fault(number, f"ends at {end_ms} ms, before it starts at {start_ms} ms")
    return Span(start_ms, max(end_ms, start_ms + 1))
