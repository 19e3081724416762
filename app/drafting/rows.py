"""Outcomes of the recogniser as rows of the database."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from app.drafting.queries import WaitingSegment
from models import values
from models.draft import DraftSource
from models.segment import Segment
from pipeline.exporting.transcript import clean


def segment_value(row: Segment) -> values.Segment:
    """A segment as the pipeline knows it."""
    return values.Segment(row.channel, values.Span(row.start_ms, row.end_ms), row.start_cut, row.end_cut)


def draft_row(waiting: WaitingSegment, outcome: values.Draft | values.NoDraft, asr_model_id: UUID) -> dict[str, Any]:
    """A row of the table of drafts; every outcome gives the same columns."""
    draft = outcome if isinstance(outcome, values.Draft) else None
    no_draft = outcome if isinstance(outcome, values.NoDraft) else None
    return {
        "segment_id": waiting.segment.id,
        "asr_model_id": asr_model_id,
        "dialect": waiting.dialect,
        "source": DraftSource.MACHINE,
        "text": clean(draft.text) if draft else None,
        "no_draft_reason": no_draft.reason if no_draft else None,
        "no_draft_detail": clean(no_draft.detail) if no_draft else None,
        "language": draft.language if draft else None,
        "average_logprob": draft.average_logprob if draft else None,
        "no_speech_probability": draft.no_speech_probability if draft else None,
        "n_tokens": draft.n_tokens if draft else 0,
        "temperature": draft.temperature if draft else 0.0,
        "words": [_word(word) for word in draft.words] if draft else [],
        "flags": [flag.value for flag in draft.flags] if draft else [],
    }


def _word(word: values.Word) -> dict[str, Any]:
    return {"text": clean(word.text), **asdict(word.span), "confidence": word.confidence}
