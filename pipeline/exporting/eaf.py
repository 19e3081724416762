"""ELAN annotations (.eaf), through pympi: a tier for each channel and, below it, one for its words."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from models.values import Span
from pipeline.exporting.transcript import Transcript, clean
from pipeline.exporting.words import timed_words

_DATE = "1970-01-01T00:00:00+00:00"
"""ELAN wants a date; a fixed one keeps the same transcript the same file."""

_WORDS_TYPE = "words"
_MEDIA_TYPES = {".wav": "audio/x-wav", ".mp4": "video/mp4", ".mpg": "video/mpeg", ".mpeg": "video/mpeg"}
"""As ELAN names them; it calls all others `unknown` and opens them by what they are."""


def render(transcript: Transcript) -> str:
    """Tiers `channel 1`, `channel 1 words` ...; a segment without a draft is an annotation without text."""
    from pympi import Eaf
    from pympi.Elan import to_string

    document = Eaf(author="Boli")
    document.adocument["DATE"] = _DATE
    document.remove_tier("default")
    document.add_linguistic_type(_WORDS_TYPE, constraints="Included_In")
    _link(document, clean(transcript.recording))
    document.add_property("recording", clean(transcript.recording))
    document.add_property("dialect", transcript.dialect)
    for channel in transcript.channels:
        _add_channel(document, transcript, channel)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + str(to_string(document)) + "\n"


def _add_channel(document: Any, transcript: Transcript, channel: int) -> None:
    rows = transcript.channel_rows(channel)
    words = [(word.span, word.text) for row in rows for word in timed_words(row) or ()]
    document.add_tier(f"channel {channel + 1}")
    _annotate(document, f"channel {channel + 1}", [(row.segment.span, row.text) for row in rows])
    if words:
        document.add_tier(f"channel {channel + 1} words", ling=_WORDS_TYPE, parent=f"channel {channel + 1}")
        _annotate(document, f"channel {channel + 1} words", words)


def _link(document: Any, recording: str) -> None:
    """Name the recording, so that ELAN looks for it beside the file, or asks where it is."""
    name = PurePosixPath(recording)
    kind = _MEDIA_TYPES.get(name.suffix.lower(), "unknown")
    document.add_linked_file(quote(recording), relpath=f"./{quote(name.name)}", mimetype=kind)


def _annotate(document: Any, name: str, annotations: Iterable[tuple[Span, str]]) -> None:
    for span, text in annotations:
        document.add_annotation(name, span.start_ms, span.end_ms, text)
