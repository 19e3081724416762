"""Plans and drafts as JSON, for the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from models.values import (
    CutKind,
    Draft,
    DraftFlag,
    ModelIdentity,
    NoDraft,
    NoDraftReason,
    Segment,
    Span,
    Word,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a recording is cut, and what its probe said."""

    duration_ms: int
    n_channels: int
    segments: tuple[Segment, ...]
    notes: tuple[str, ...] = ()
    """What a person should know of the sound, for instance that the file is cut off."""
    quality: Mapping[str, Any] = field(default_factory=dict)
    """Quality figures as they stand in the summary."""


def plan_to_json(plan: Plan) -> str:
    """One line of JSON."""
    return json.dumps(asdict(plan), ensure_ascii=False)


def plan_from_json(text: str) -> Plan:
    """The plan that was written."""
    record = json.loads(text)
    segments = tuple(
        Segment(item["channel"], Span(**item["span"]), CutKind(item["start_cut"]), CutKind(item["end_cut"]))
        for item in record.pop("segments")
    )
    return Plan(segments=segments, notes=tuple(record.pop("notes")), **record)


def outcome_to_json(outcome: Draft | NoDraft) -> str:
    """One line of JSON; a lone surrogate in a draft is kept as an escape."""
    return json.dumps(asdict(outcome), ensure_ascii=True)


def outcome_from_json(text: str) -> Draft | NoDraft:
    """The draft, or the missing one, that was written."""
    record = json.loads(text)
    if "reason" in record:
        return NoDraft(NoDraftReason(record["reason"]), record["detail"])
    words = tuple(Word(word["text"], Span(**word["span"]), word["confidence"]) for word in record.pop("words"))
    flags = tuple(DraftFlag(flag) for flag in record.pop("flags"))
    return Draft(model=ModelIdentity(**record.pop("model")), words=words, flags=flags, **record)
