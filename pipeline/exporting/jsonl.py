"""JSON Lines: one object a segment with everything that is known of its draft."""

from __future__ import annotations

import json
from typing import Any

from models.values import Draft, NoDraft
from pipeline.exporting.transcript import Row, Transcript, clean


def render(transcript: Transcript) -> str:
    """One line a segment, with or without a draft; keys always in the same order, all always present."""
    return "".join(json.dumps(_record(transcript, row), ensure_ascii=False) + "\n" for row in transcript.rows)


def _record(transcript: Transcript, row: Row) -> dict[str, Any]:
    segment = row.segment
    return {
        "recording": clean(transcript.recording),
        "channel": segment.channel,
        "start_ms": segment.span.start_ms,
        "end_ms": segment.span.end_ms,
        "start_cut": segment.start_cut.value,
        "end_cut": segment.end_cut.value,
        "dialect": transcript.dialect,
        **_outcome(row.outcome),
    }


def _outcome(outcome: Draft | NoDraft) -> dict[str, Any]:
    draft = outcome if isinstance(outcome, Draft) else None
    return {
        "text": clean(draft.text) if draft else None,
        "no_draft": _no_draft(outcome) if isinstance(outcome, NoDraft) else None,
        "flags": [flag.value for flag in draft.flags] if draft else [],
        "average_logprob": _rounded(draft.average_logprob) if draft else None,
        "no_speech_probability": _rounded(draft.no_speech_probability) if draft else None,
        "words": _words(draft) if draft else [],
        "language": draft.language if draft else None,
        "n_tokens": draft.n_tokens if draft else None,
        "temperature": draft.temperature if draft else None,
        "engine": draft.model.engine if draft else None,
        "model": draft.model.name if draft else None,
        "model_revision": draft.model.revision if draft else None,
    }


def _no_draft(outcome: NoDraft) -> dict[str, str]:
    return {"reason": outcome.reason.value, "detail": clean(outcome.detail)}


def _words(draft: Draft) -> list[dict[str, Any]]:
    return [
        {
            "text": clean(word.text),
            "start_ms": word.span.start_ms,
            "end_ms": word.span.end_ms,
            "confidence": _rounded(word.confidence),
        }
        for word in draft.words
    ]


def _rounded(value: float | None) -> float | None:
    """Four decimals: finer than any model is sure of. None for what JSON cannot hold (RFC 8259 has no NaN)."""
    return round(value, 4) if value is not None and abs(value) < float("inf") else None
