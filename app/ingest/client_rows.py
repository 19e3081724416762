"""The client's own transcript as drafts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.drafting.rows import segment_value
from models.draft import DraftSource
from models.segment import Segment
from models.values import DraftFlag, Span
from pipeline.client_texts import ClientUtterance, texts_by_segment
from pipeline.exporting.transcript import one_line
from pipeline.transcripts.cues import is_subtitles, read_cues


def client_drafts(sent: Mapping[str, Any], segments: Sequence[Segment]) -> list[dict[str, Any]]:
    """Rows for what a client sent along with a recording (see `Recording.client_draft`).

    A text that is SRT or WebVTT is taken by its times; any other text of the whole is divided by length among several
    segments, and flagged. What was sent stays with the recording in any case.
    """
    found = texts_by_segment(list(_utterances(sent)), [segment_value(segment) for segment in segments])
    return [
        {
            "segment_id": segments[place].id,
            "source": DraftSource.CLIENT,
            "text": one_line(part.text),
            "flags": [DraftFlag.SPREAD.value] if part.is_spread else [],
        }
        for place, part in found.items()
    ]


def _utterances(sent: Mapping[str, Any]) -> Iterator[ClientUtterance]:
    text = sent.get("text")
    if isinstance(text, str) and is_subtitles(text):
        for cue in read_cues(text):
            yield ClientUtterance(cue.text, cue.span)
    elif isinstance(text, str):
        yield ClientUtterance(text)
    for utterance in sent.get("utterances") or ():
        match utterance:
            case {"text": str(text), "start_ms": int(start_ms), "end_ms": int(end_ms)} if 0 <= start_ms < end_ms:
                channel = utterance.get("channel")
                yield ClientUtterance(text, Span(start_ms, end_ms), channel if isinstance(channel, int) else None)
