"""How much sound around a segment goes into its clip."""

from __future__ import annotations

from models.values import Span

CONTEXT_MS = 200
"""Sound on each side of a segment: whoever hears it can tell whether a word was cut."""


def clip_span(segment: Span, *, duration_ms: int) -> Span:
    """A segment with its context, within the recording; never less than the segment."""
    before, after = segment.start_ms - CONTEXT_MS, segment.end_ms + CONTEXT_MS
    return Span(max(0, before), max(segment.end_ms, min(duration_ms, after)))
