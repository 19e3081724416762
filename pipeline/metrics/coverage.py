"""What a collection holds: hours at each stage, people, places, and what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from pipeline.metrics.diversity import effective_number, inverse_simpson, top_share
from pipeline.metrics.proportions import Proportion, share_of

MS_PER_HOUR = 3_600_000


class Stage(StrEnum):
    """How far a segment has come; each stage includes those before it."""

    RECORDED = "recorded"
    TRANSCRIBED = "transcribed"
    REVIEWED = "reviewed"
    RELEASED = "released"


class Field(StrEnum):
    """What may be known of a segment."""

    DIALECT = "dialect"
    SPEAKER = "speaker"
    DISTRICT = "district"
    GENDER = "gender"
    AGE_BAND = "age_band"


@dataclass(frozen=True, slots=True)
class CoveredSegment:
    """A segment of a collection; None or an empty string where something is unknown."""

    duration_ms: int
    stage: Stage
    session: str | None = None
    dialect: str | None = None
    speaker: str | None = None
    district: str | None = None
    gender: str | None = None
    age_band: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Figures of a collection; times are integer milliseconds everywhere."""

    n_segments: int
    n_sessions: int
    n_speakers: int
    n_districts: int
    duration_ms: Mapping[Stage, int]
    """At this stage or a later one: never growing from stage to stage."""
    dialect_ms: Mapping[str, int]
    effective_dialects: float | None
    """Hill number of order 1 of time over dialects."""
    effective_speakers: float | None
    """Inverse Simpson of time over speakers."""
    top_speaker_share: float | None
    """Of the time whose speaker is known."""
    completeness: Mapping[Field, Proportion]
    """Time for which a field is known, in milliseconds, among all."""

    def hours(self, stage: Stage) -> float:
        """Hours at this stage or a later one."""
        return self.duration_ms[stage] / MS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Cell:
    """A group of people that a collection is to hold."""

    dialect: str
    gender: str
    age_band: str


@dataclass(frozen=True, slots=True)
class CellCoverage:
    """What there is of one group."""

    cell: Cell
    n_speakers: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Attainment:
    """How much of the targets is reached; more of one dialect makes up for nothing in another."""

    shares: Mapping[str, float]
    """min(1, amount / target) of each dialect with a target."""
    reached: Proportion
    """Dialects at their target among those with one."""

    @property
    def mean(self) -> float | None:
        """Mean over dialects, each counting the same; None without targets."""
        return fmean(self.shares.values()) if self.shares else None


def coverage(segments: Sequence[CoveredSegment]) -> Coverage:
    """Figures of a collection."""
    stages = list(Stage)
    at_stage = _summed((segment.stage, segment.duration_ms) for segment in segments)
    dialect_ms = _summed((segment.dialect, segment.duration_ms) for segment in segments)
    speaker_ms = _summed((segment.speaker, segment.duration_ms) for segment in segments)
    total_ms = sum(segment.duration_ms for segment in segments)
    return Coverage(
        n_segments=len(segments),
        n_sessions=len({segment.session for segment in segments if segment.session}),
        n_speakers=len(speaker_ms),
        n_districts=len({segment.district for segment in segments if segment.district}),
        duration_ms={stage: sum(at_stage[later] for later in stages[i:]) for i, stage in enumerate(stages)},
        dialect_ms=dict(dialect_ms),
        effective_dialects=effective_number(dialect_ms.values()),
        effective_speakers=inverse_simpson(speaker_ms.values()),
        top_speaker_share=top_share(speaker_ms.values()),
        completeness={field: Proportion(_known_ms(segments, field), total_ms) for field in Field},
    )


def cell_coverage(segments: Iterable[CoveredSegment], wanted: Collection[Cell]) -> list[CellCoverage]:
    """People and time of each wanted group, empty ones too; segments of which a part is unknown are in none."""
    speakers: dict[Cell, set[str]] = {cell: set() for cell in wanted}
    duration_ms: Counter[Cell] = Counter()
    for segment in segments:
        cell = Cell(segment.dialect or "", segment.gender or "", segment.age_band or "")
        if cell not in speakers:
            continue
        duration_ms[cell] += segment.duration_ms
        if segment.speaker:
            speakers[cell].add(segment.speaker)
    return [CellCoverage(cell, len(people), duration_ms[cell]) for cell, people in speakers.items()]


def filled_cells(cells: Iterable[CellCoverage], *, least_speakers: int = 1, least_ms: int = 0) -> Proportion:
    """Groups with at least so many speakers and so much time, among those wanted."""
    return share_of(cell.n_speakers >= least_speakers and cell.duration_ms >= least_ms for cell in cells)


def target_attainment(amounts: Mapping[str, float], targets: Mapping[str, float]) -> Attainment:
    """How much of each dialect's target is there.

    amounts, targets: per dialect, in the same unit: milliseconds, or speakers.

    Raises: ValueError where a target is not above 0.
    """
    wrong = {dialect: target for dialect, target in targets.items() if target <= 0}
    if wrong:
        raise ValueError(f"targets are above 0, got {wrong!r}")
    shares = {dialect: min(1.0, amounts.get(dialect, 0) / target) for dialect, target in targets.items()}
    return Attainment(shares, share_of(share >= 1 for share in shares.values()))


def quality_weighted_ms(duration_ms: int, residual_rate: float) -> float:
    """Time worth of right words: duration * (1 - residual error rate), never below 0."""
    return duration_ms * max(0.0, 1 - residual_rate)


def _known_ms(segments: Iterable[CoveredSegment], field: Field) -> int:
    return sum(segment.duration_ms for segment in segments if getattr(segment, field.value))


def _summed(amounts: Iterable[tuple[str | None, int]]) -> Counter[str]:
    """Milliseconds per name; what has none is left out."""
    summed: Counter[str] = Counter()
    for name, amount_ms in amounts:
        if name:
            summed[name] += amount_ms
    return summed
