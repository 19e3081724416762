"""Praat TextGrid, long form, through praatio: an interval tier for each channel and one for its words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from models.values import Span
from pipeline.exporting.transcript import Transcript
from pipeline.exporting.words import timed_words


def render(transcript: Transcript) -> str:
    """Tiers `channel 1`, `channel 1 words` ... from 0 to the end of the recording; gaps are empty intervals.

    A segment without a draft is an empty interval with its own edges.
    """
    from praatio.utilities.constants import TextgridFormats
    from praatio.utilities.textgrid_io import getTextgridAsStr

    tiers = [tier for channel in transcript.channels for tier in _tiers(transcript, channel)]
    grid = {"xmin": 0.0, "xmax": transcript.end_ms / 1000, "tiers": tiers}
    rendered: str = getTextgridAsStr(grid, TextgridFormats.LONG_TEXTGRID, includeBlankSpaces=True)
    return rendered


def _tiers(transcript: Transcript, channel: int) -> list[dict[str, Any]]:
    rows = transcript.channel_rows(channel)
    words = [(word.span, word.text) for row in rows for word in timed_words(row) or ()]
    tiers = [_tier(f"channel {channel + 1}", [(row.segment.span, row.text) for row in rows], transcript.end_ms)]
    return [*tiers, _tier(f"channel {channel + 1} words", words, transcript.end_ms)] if words else tiers


def _tier(name: str, intervals: Iterable[tuple[Span, str]], end_ms: int) -> dict[str, Any]:
    entries = [(span.start_ms / 1000, span.end_ms / 1000, text) for span, text in intervals]
    return {"class": "IntervalTier", "name": name, "xmin": 0.0, "xmax": end_ms / 1000, "entries": entries}
