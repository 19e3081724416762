"""One recording under way, and the key under which the ledger keeps what came of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from app.transcription.inputs import Recording
from app.transcription.records import Plan
from models.values import Draft, ModelIdentity, NoDraft
from pipeline.audio import ChannelPolicy
from pipeline.dialects.catalogue import Dialect
from pipeline.drafting import DraftRules
from pipeline.exporting import Row
from pipeline.segmentation import SegmentRules, rules_for
from pipeline.vad import Detector

RESULTS_VERSION = 3
"""Raised whenever the same recording, model and choices would give other segments or drafts."""


class Target(StrEnum):
    """Length up to which neighbouring speech is joined into one segment."""

    ROW = "row"
    """What a person hears once, keeps in mind and types."""
    LONGEST = "longest"
    """What the language's token budget allows: fewest windows where each costs as much as 30 s."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the result follows from, beside the recording, its dialect and the model."""

    target: int | Target
    """Milliseconds, or a rule."""
    detector: Detector
    channels: ChannelPolicy
    rules: DraftRules
    engine: Mapping[str, str | int]
    """Settings of the recogniser, for instance its beam."""

    def record(self) -> dict[str, Any]:
        """As JSON, for work keys and the summary; how far to read ahead changes no result and is not among it."""
        rules = asdict(self.rules)
        del rules["look_ahead_ms"]
        cut = {"vad": self.detector.value, "channels": self.channels.value, "target": self.target}
        return {**cut, **self.engine, "rules": rules}

    def segment_rules(self, dialect: Dialect) -> SegmentRules:
        """How recordings of a dialect are cut."""
        longest_ms = dialect.longest_segment_ms
        match self.target:
            case Target.ROW:
                target_ms = None
            case Target.LONGEST:
                target_ms = longest_ms
            case _:
                target_ms = min(int(self.target), longest_ms)
        return rules_for(dialect, target_ms=target_ms, detector=self.detector)


def work_key(file_sha256: str, dialect: Dialect, *, model: ModelIdentity, choices: Choices) -> str:
    """One hash of everything that the drafts of a recording follow from; the file's name is not among it."""
    origin = {
        "version": RESULTS_VERSION,
        "file": file_sha256,
        "dialect": _draws_on(dialect),
        "model": asdict(model),
        "choices": choices.record(),
    }
    return hashlib.sha256(json.dumps(origin, sort_keys=True, default=str).encode()).hexdigest()


def _draws_on(dialect: Dialect) -> list[Any]:
    """What drafting takes from the catalogue: a new name for a dialect must not have its recordings drafted again."""
    return [
        dialect.tag,
        dialect.scripts[:1],
        dialect.whisper_token,
        dialect.nearest_token,
        dialect.is_drafted,
        dialect.prompt,
        dialect.longest_segment_ms,
    ]


@dataclass(slots=True, eq=False)
class Work:
    """One recording under way: begun by the thread that reads, finished by the one that drafts."""

    recording: Recording
    dialect: Dialect
    key: str
    plan: Plan
    outcomes: dict[int, Draft | NoDraft]
    """By position in the plan."""
    size_bytes: int
    is_done_before: bool
    """Whether an earlier run had left nothing to draft."""
    copy_of: Work | None = None
    """The recording of the same content, dialect and choices that this run came to first."""
    _segments_ms: int = field(init=False)

    def __post_init__(self) -> None:
        self._segments_ms = sum(segment.span.duration_ms for segment in self.plan.segments)

    @property
    def is_whole(self) -> bool:
        """Whether every segment has its outcome."""
        return len(self.outcomes) == len(self.plan.segments)

    @property
    def rows(self) -> tuple[Row, ...]:
        """Segments with their outcomes; those that still lack one are left out."""
        places = enumerate(self.plan.segments)
        return tuple(Row(segment, self.outcomes[place]) for place, segment in places if place in self.outcomes)

    def share_of(self, position: int) -> float:
        """How much of the recording's work one segment is, in [0, 1]."""
        return self.plan.segments[position].span.duration_ms / self._segments_ms
