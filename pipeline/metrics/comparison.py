"""Two systems on the same references: is one better, and by how much."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist
from typing import TypeVar

import numpy as np

from pipeline.metrics.counts import ErrorCounts
from pipeline.metrics.estimates import Estimate
from pipeline.metrics.intervals import estimate
from pipeline.metrics.resampling import (
    DEFAULT,
    FloatArray,
    Resampling,
    block_sums,
    contracted_tail,
    difference,
    interval_from,
    n_full_blocks,
    refusal,
    replicates,
    value_of,
)

Key = TypeVar("Key", bound=Hashable)
NO_COUNTS = ErrorCounts()
_LEAST_P = 1e-15
"""What the tail of Student's t is exact to."""


@dataclass(frozen=True, slots=True)
class PairedCounts:
    """What two systems made of the same references of one block; a value that adds."""

    a: ErrorCounts = NO_COUNTS
    b: ErrorCounts = NO_COUNTS

    def __add__(self, other: PairedCounts) -> PairedCounts:
        if not isinstance(other, PairedCounts):
            return NotImplemented
        return PairedCounts(self.a + other.a, self.b + other.b)

    @property
    def rate_difference(self) -> Fraction | None:
        """Rate of A - rate of B, exactly, so that equal differences are ties; None where a reference is empty."""
        if not (self.a.n_ref and self.b.n_ref):
            return None
        return Fraction(self.a.n_errors, self.a.n_ref) - Fraction(self.b.n_errors, self.b.n_ref)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two rates and their difference; every figure is positive where A makes more errors than B."""

    a: Estimate
    b: Estimate
    difference: Estimate
    """Rate of A - rate of B, in errors per reference token."""
    probability_a_worse: float | None
    """Share of resamples in which A has the higher rate; None where resampling was refused."""
    p_value: float | None
    """Two-sided, of no difference; 1 where no block differs; None where there are too few blocks."""


def compare(blocks: Sequence[PairedCounts], *, resampling: Resampling = DEFAULT) -> Comparison:
    """The difference of two systems, with blocks drawn together for both.

    blocks: one per speaker, or per recording where the speaker is unknown. Both systems are scored on the same
    references; alternatives may make their lengths differ a little.

    The p-value is that at which the expanded percentile interval of the difference just reaches zero, from the smaller
    share of resamples on either side of it, with one added to both counts as in Davison & Hinkley 1997, section 4.2.
    Where no resample crosses zero, the tail goes on as the normal one of the resamples, so that corrections over
    hundreds of dialects have something to work on; it never goes below 2^(1 - n), the least that n blocks which all
    point one way can carry without a distribution assumed.

    Source: Bisani & Ney, ICASSP 2004 (probability of improvement); Liu & Peng 2020, arXiv 1912.09508 (blocks);
    `expanded_tail` for few blocks.
    """
    sums = block_sums([pair.a for pair in blocks], [pair.b for pair in blocks])
    a = estimate([pair.a for pair in blocks], resampling=resampling)
    b = estimate([pair.b for pair in blocks], resampling=resampling)
    refused = refusal(difference, sums)
    drawn = np.empty(0) if refused else replicates(difference, sums, resampling=resampling)
    interval = refused or interval_from(drawn, difference, sums, resampling)
    gap = Estimate(value_of(difference, sums), n=a.n, n_blocks=n_full_blocks(sums), interval=interval)
    if refused or len(drawn) == 0:
        return Comparison(a, b, gap, probability_a_worse=None, p_value=None)
    p_value = _two_sided(drawn, gap.n_blocks)
    return Comparison(a, b, gap, probability_a_worse=float((drawn > 0).mean()), p_value=p_value)


def paired_blocks(a: Mapping[Key, ErrorCounts], b: Mapping[Key, ErrorCounts]) -> list[PairedCounts]:
    """Counts of two systems brought together by block; a block that one of them lacks counts nothing there."""
    keys = dict.fromkeys([*a, *b])
    return [PairedCounts(a.get(key, NO_COUNTS), b.get(key, NO_COUNTS)) for key in keys]


def _two_sided(drawn: FloatArray, n_blocks: int) -> float:
    n_smaller = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    share = (n_smaller + 1) / (len(drawn) + 1)
    if n_smaller == 0:
        share = min(share, _normal_tail(drawn))
    if share >= 0.5:
        return 1.0
    least = max(2.0 ** (1 - n_blocks), _LEAST_P)
    return max(least, 2 * contracted_tail(share, n_blocks)) if share > 0 else least


def _normal_tail(drawn: FloatArray) -> float:
    """What a normal distribution with the mean and spread of the draws has beyond zero; 0 where they have no spread."""
    spread = float(drawn.std())
    return NormalDist().cdf(-abs(float(drawn.mean())) / spread) if spread > 0 else 0.0
