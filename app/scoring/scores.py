"""What was scored, as values: rates that know their counts, their interval and what they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.scoring.inputs import Corpus
from pipeline.dialects.catalogue import Dialect, ScoringUnit
from pipeline.metrics.counts import ErrorCounts
from pipeline.metrics.estimates import LEAST_BLOCKS, Estimate, Interval, NoIntervalReason
from pipeline.metrics.proportions import Proportion
from pipeline.text.profiles import Level


class Grouping(StrEnum):
    """By what the pairs of a dialect can be told apart."""

    SPEAKER = "speaker"
    DISTRICT = "district"
    GENDER = "gender"
    RECORDING = "recording"


RATE_NAMES = {ScoringUnit.WORD: "WER", ScoringUnit.MIXED: "mixER", ScoringUnit.CHARACTER: "CER"}
"""mixER: the mixed error rate of Chinese, whose usual name MER also means match error rate."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """What the intervals of a group rest on."""

    n_speakers: int
    """Speakers that are known."""
    n_recordings: int
    """Recordings of utterances whose speaker is unknown."""
    n_unknown: int
    """Utterances of which neither speaker nor recording is known; together they are one block."""

    @property
    def words(self) -> str:
        """For a reader, for instance `12 speakers`."""
        parts = [f"{self.n_speakers} {'speaker' if self.n_speakers == 1 else 'speakers'}"] if self.n_speakers else []
        if self.n_recordings:
            parts.append(f"{self.n_recordings} {'recording' if self.n_recordings == 1 else 'recordings'}")
        if self.n_unknown:
            parts.append("utterances of unknown speakers and recordings")
        return " and ".join(parts)


@dataclass(frozen=True, slots=True)
class Rate:
    """An error rate with what it was counted from."""

    counts: ErrorCounts
    estimate: Estimate

    def why_no_interval(self, blocks: Blocks) -> str | None:
        """Why there is none, in words; None where there is one."""
        interval = self.estimate.interval
        if isinstance(interval, Interval):
            return None
        match interval.reason:
            case NoIntervalReason.EMPTY:
                return "the references are empty"
            case NoIntervalReason.FEW_BLOCKS:
                return f"{blocks.words}; an interval needs at least {LEAST_BLOCKS} speakers or recordings"
            case NoIntervalReason.NO_SPREAD:
                return "every resample gives the same rate"


@dataclass(frozen=True, slots=True)
class LevelScore:
    """A group at one level."""

    level: Level
    tokens: Rate
    """Words, or mixed tokens for Chinese."""
    characters: Rate
    sentence_errors: Proportion
    hallucinations: Proportion
    """Segments with text on an empty reference, or with more insertions than reference tokens."""


@dataclass(frozen=True, slots=True)
class GroupScore:
    """A dialect, or those of its pairs that share a speaker, a district ..."""

    dialect: Dialect
    grouping: Grouping | None
    """None: the whole dialect."""
    value: str | None
    """The speaker, the district ...; None where it is not known, and for the whole dialect."""
    n_segments: int
    blocks: Blocks
    levels: tuple[LevelScore, ...]

    @property
    def name(self) -> str:
        """For a reader; empty for the whole dialect."""
        return "" if self.grouping is None else f"{self.grouping} {self.value or 'unknown'}"


@dataclass(frozen=True, slots=True)
class Overall:
    """All dialects at one level: the mean of their rates, each dialect counting the same."""

    level: Level
    token_rate: float | None
    character_rate: float | None
    worst: Dialect | None
    gap: float | None
    """Token rate of the worst dialect less that of the best."""
    n_dialects: int
    """That have a rate."""


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """Everything that `boli score` tells."""

    corpus: Corpus
    groups: tuple[GroupScore, ...]
    overall: tuple[Overall, ...]
    """One a level; empty where there is one dialect only."""
