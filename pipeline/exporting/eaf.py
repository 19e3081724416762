"""ELAN annotations (.eaf), through pympi: a tier for each channel and one for its words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from models.values import Span
from pipeline.exporting.transcript import Transcript, clean
from pipeline.exporting.words import timed_words

_DATE = "1970-01-01T00:00:00+00:00"
"""ELAN wants a date; a fixed one keeps the same transcript the same file."""


def render(transcript: Transcript) -> str:
    """Tiers `channel 1`, `channel 1 words` ...; a segment without a draft is an annotation without text."""
    from pympi import Eaf
    from pympi.Elan import to_string

    document = Eaf(author="Boli")
    document.adocument["DATE"] = _DATE
    document.remove_tier("default")
    document.add_property("recording", clean(transcript.recording))
    document.add_property("dialect", transcript.dialect)
    for channel in transcript.channels:
        _add_channel(document, transcript, channel)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + str(to_string(document)) + "\n"


def _add_channel(document: Any, transcript: Transcript, channel: int) -> None:
    rows = transcript.channel_rows(channel)
    words = [(word.span, word.text) for row in rows for word in timed_words(row) or ()]
    _add_tier(document, f"channel {channel + 1}", [(row.segment.span, row.text) for row in rows])
    if words:
        _add_tier(document, f"channel {channel + 1} words", words)


def _add_tier(document: Any, name: str, annotations: Iterable[tuple[Span, str]]) -> None:
    document.add_tier(name)
    for span, text in annotations:
        document.add_annotation(name, span.start_ms, span.end_ms, text)
