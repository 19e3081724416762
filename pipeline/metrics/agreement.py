"""Two people on the same segments: how far their transcripts agree, and what chance would give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from rapidfuzz.distance import Levenshtein

from pipeline.metrics.draft_quality import ScoredText
from pipeline.metrics.estimates import Estimate, Interval, NoInterval
from pipeline.metrics.intervals import estimate
from pipeline.metrics.proportions import Proportion, share_of
from pipeline.metrics.resampling import DEFAULT, Resampling

MOST_CHANCE_PAIRS = 20_000
"""Pairs of texts of different segments that chance agreement is taken from; all of them where there are no more."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Edits between two transcripts of the same segments, neither of them the reference; a value that adds."""

    n_edits: int = 0
    n_a: int = 0
    """Tokens of one person."""
    n_b: int = 0
    """Tokens of the other."""

    def __add__(self, other: Disagreement) -> Disagreement:
        if not isinstance(other, Disagreement):
            return NotImplemented
        return Disagreement(self.n_edits + other.n_edits, self.n_a + other.n_a, self.n_b + other.n_b)

    def __radd__(self, other: int) -> Disagreement:
        """`sum` begins with 0."""
        return self if other == 0 else NotImplemented

    @property
    def numerator(self) -> int:
        """Of the rate: twice the edits."""
        return 2 * self.n_edits

    @property
    def denominator(self) -> int:
        """Of the rate: tokens of both."""
        return self.n_a + self.n_b

    @property
    def rate(self) -> float | None:
        """2 E / (N_a + N_b), in [0, 2]: the same whoever comes first. None when both said nothing.

        What people disagree on is the floor for a model's error rate in that dialect. 1 - rate is the agreement.
        """
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class DoubleTranscript:
    """One segment as two people wrote it, each without seeing the other's text: scoring tokens."""

    a: tuple[str, ...]
    b: tuple[str, ...]
    block: str
    """Speaker, or recording where the speaker is unknown: see `block_of`."""


@dataclass(frozen=True, slots=True)
class ExactMatches:
    """Segments on which two people wrote the same, at each level; a value that adds.

    What the lenient share has over the canonical one is spelling; what is missing from it was heard otherwise.
    """

    raw: Proportion
    canonical: Proportion
    lenient: Proportion

    def __add__(self, other: ExactMatches) -> ExactMatches:
        if not isinstance(other, ExactMatches):
            return NotImplemented
        return ExactMatches(self.raw + other.raw, self.canonical + other.canonical, self.lenient + other.lenient)

    def __radd__(self, other: int) -> ExactMatches:
        """`sum` begins with 0."""
        return self if other == 0 else NotImplemented


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of people in one dialect."""

    n_segments: int
    observed: Estimate
    """D_o: symmetric disagreement within segments. Read it beside alpha, which depends on the distance chosen."""
    expected: float | None
    """D_e: the same between different segments; None with fewer than two segments, or nothing said."""
    alpha: float | None
    """1 - D_o / D_e: 1 for full agreement, 0 for chance; None where D_e is None or 0."""
    interval: Interval | NoInterval
    """Of alpha, with D_e taken as known."""


def disagreement(a: Sequence[str], b: Sequence[str]) -> Disagreement:
    """Edits between two transcripts of one segment."""
    return Disagreement(Levenshtein.distance(a, b), len(a), len(b))


def exact_matches(a: ScoredText, b: ScoredText) -> ExactMatches:
    """Whether two people wrote the same in one segment."""
    return ExactMatches(
        share_of([a.raw == b.raw]),
        share_of([a.tokens == b.tokens]),
        share_of([a.lenient_tokens == b.lenient_tokens]),
    )


def agreement(transcripts: Sequence[DoubleTranscript], *, resampling: Resampling = DEFAULT) -> Agreement:
    """Distance-based alpha of doubly transcribed segments of one dialect.

    Distances are summed before they are divided, so that a long segment counts more than a short one.

    Source: Krippendorff's alpha with the edit distance in the place of label distances, as in Braylan, Alonso & Lease
    2022, arXiv 2212.09503.
    """
    blocks: dict[str, Disagreement] = {}
    for pair in transcripts:
        blocks[pair.block] = blocks.get(pair.block, Disagreement()) + disagreement(pair.a, pair.b)
    observed = estimate(blocks.values(), resampling=resampling)
    expected = _chance_disagreement(transcripts, seed=resampling.seed).rate
    if not expected or observed.value is None:
        return Agreement(len(transcripts), observed, expected, None, observed.interval)
    interval = observed.interval
    if isinstance(interval, Interval):
        low, high = 1 - interval.high / expected, 1 - interval.low / expected
        interval = Interval(low, high, level=interval.level, method=interval.method, n_blocks=interval.n_blocks)
    return Agreement(len(transcripts), observed, expected, 1 - observed.value / expected, interval)


def _chance_disagreement(transcripts: Sequence[DoubleTranscript], *, seed: int) -> Disagreement:
    """Disagreement of texts of different segments: of all pairs, or of as many drawn ones as are enough."""
    total = Disagreement()
    for first, second in _different_segments(len(transcripts), seed=seed):
        total += disagreement(transcripts[first].a, transcripts[second].b)
    return total


def _different_segments(n_segments: int, *, seed: int) -> Iterable[tuple[int, int]]:
    if n_segments * (n_segments - 1) <= MOST_CHANCE_PAIRS:
        return permutations(range(n_segments), 2)
    rng = np.random.default_rng(seed)
    first = rng.integers(0, n_segments, MOST_CHANCE_PAIRS)
    apart = rng.integers(1, n_segments, MOST_CHANCE_PAIRS)
    return zip(first.tolist(), ((first + apart) % n_segments).tolist(), strict=True)
