"""Drawing blocks anew: the one bootstrap under every interval and comparison."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics import student
from pipeline.metrics.estimates import LEAST_BLOCKS, Interval, IntervalMethod, NoInterval, NoIntervalReason

FloatArray = NDArray[np.float64]
Statistic = Callable[[FloatArray], FloatArray]
"""Sums of columns, shape (rows, columns), to one figure per row; NaN where it is undefined."""

_NORMAL = NormalDist()
_DRAWS_AT_ONCE = 2_000_000
"""Bounds the memory to some tens of megabytes, however many blocks there are."""
_ALIKE = 20
"""Blocks per different block from which it is faster to draw how often each different block comes than every block."""


class Ratio(Protocol):
    """A value whose rate is one sum divided by another."""

    @property
    def numerator(self) -> float:
        """What is counted."""

    @property
    def denominator(self) -> float:
        """What it is counted in."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How a bootstrap is done. The same blocks in any order with the same settings give the same interval."""

    n_replicates: int = 10_000
    level: float = 0.95
    seed: int = 20_041_017
    method: IntervalMethod = IntervalMethod.EXPANDED

    def __post_init__(self) -> None:
        if self.n_replicates < 1 or not 0 < self.level < 1:
            raise ValueError(f"resampling needs n_replicates >= 1 and a level in (0, 1), got {self!r}")
        if self.method is IntervalMethod.WILSON:
            raise ValueError("the Wilson interval is no bootstrap; expected expanded_percentile, percentile or bca")


DEFAULT = Resampling()


def block_of(*, speaker: str | None, recording: str) -> str:
    """The block that a segment is drawn with: its speaker, or its recording where the speaker is unknown.

    Source: Liu & Peng 2020, arXiv 1912.09508: errors of one speaker hang together, and utterances drawn one by one make
    intervals several times too narrow.
    """
    return f"speaker {speaker}" if speaker else f"recording {recording}"


def block_sums(*ratios: Iterable[Ratio]) -> FloatArray:
    """Blocks as rows: numerator and denominator of each ratio in turn; all ratios have one value per block."""
    columns = [[(value.numerator, value.denominator) for value in ratio] for ratio in ratios]
    return np.concatenate([np.array(pairs, dtype=np.float64).reshape(-1, 2) for pairs in columns], axis=1)


def ratio(sums: FloatArray) -> FloatArray:
    """First column divided by the second."""
    return _divided(sums[:, 0], sums[:, 1])


def difference(sums: FloatArray) -> FloatArray:
    """First ratio minus second."""
    return _divided(sums[:, 0], sums[:, 1]) - _divided(sums[:, 2], sums[:, 3])


def quotient(sums: FloatArray) -> FloatArray:
    """First ratio divided by the second."""
    return _divided(_divided(sums[:, 0], sums[:, 1]), _divided(sums[:, 2], sums[:, 3]))


def n_full_blocks(sums: FloatArray) -> int:
    """Blocks with something to divide by; where there are two ratios, in the one that has fewer."""
    return int((sums[:, 1::2] > 0).sum(axis=0).min())


def value_of(statistic: Statistic, sums: FloatArray) -> float | None:
    """The figure over all blocks; None where it is undefined."""
    (value,) = statistic(sums.sum(axis=0, keepdims=True))
    return None if np.isnan(value) else float(value)


def replicates(statistic: Statistic, sums: FloatArray, *, resampling: Resampling = DEFAULT) -> FloatArray:
    """The figure over as many blocks drawn with replacement, again and again; undefined ones are left out.

    sums: shape (blocks, columns). Source: Bisani & Ney, ICASSP 2004, with blocks in the place of utterances.
    """
    rng = np.random.default_rng(resampling.seed)
    different, n_alike = np.unique(sums, axis=0, return_counts=True)
    is_repetitive = len(different) * _ALIKE <= len(sums)
    blocks = different if is_repetitive else sums[np.lexsort(sums.T)]
    n_at_once = max(1, _DRAWS_AT_ONCE // len(blocks))
    figures: list[FloatArray] = []
    for start in range(0, resampling.n_replicates, n_at_once):
        n_rows = min(n_at_once, resampling.n_replicates - start)
        if is_repetitive:
            weights = rng.multinomial(len(sums), n_alike / len(sums), size=n_rows)
            figures.append(statistic(weights @ blocks))
        else:
            drawn = rng.integers(0, len(blocks), size=(n_rows, len(blocks)), dtype=np.int32)
            figures.append(statistic(np.stack([column[drawn].sum(axis=1) for column in blocks.T], axis=1)))
    found = np.concatenate(figures)
    return found[~np.isnan(found)]


def refusal(statistic: Statistic, sums: FloatArray) -> NoInterval | None:
    """Why these blocks give no interval; None where they may."""
    n_blocks = n_full_blocks(sums)
    if value_of(statistic, sums) is None:
        return NoInterval(NoIntervalReason.EMPTY, n_blocks)
    return NoInterval(NoIntervalReason.FEW_BLOCKS, n_blocks) if n_blocks < LEAST_BLOCKS else None


def interval(statistic: Statistic, sums: FloatArray, *, resampling: Resampling = DEFAULT) -> Interval | NoInterval:
    """Confidence interval of a figure, by drawing blocks; a reason instead where they are too few or all alike."""
    refused = refusal(statistic, sums)
    return refused or interval_from(replicates(statistic, sums, resampling=resampling), statistic, sums, resampling)


def interval_from(
    drawn: FloatArray, statistic: Statistic, sums: FloatArray, resampling: Resampling
) -> Interval | NoInterval:
    """The interval that replicates give."""
    n_blocks = n_full_blocks(sums)
    if len(drawn) == 0 or np.ptp(drawn) == 0:
        return NoInterval(NoIntervalReason.NO_SPREAD, n_blocks)
    tail = (1 - resampling.level) / 2
    if resampling.method is IntervalMethod.EXPANDED:
        tail = expanded_tail(tail, n_blocks)
    quantiles = [tail, 1 - tail]
    if resampling.method is IntervalMethod.BCA:
        quantiles = _bca_quantiles(quantiles, drawn, statistic, sums)
    low, high = np.quantile(drawn, quantiles)
    return Interval(float(low), float(high), level=resampling.level, method=resampling.method, n_blocks=n_blocks)


def expanded_tail(tail: float, n_blocks: int) -> float:
    """The share of draws to leave out on either side so that a small sample leaves out `tail` of the true figures.

    Draws of n blocks vary by (n - 1) / n of what new samples of n do, and their quantiles are as narrow as normal ones
    where few blocks ask for those of Student's t. Of 600 simulated samples with speakers of very different length the
    95 % percentile interval held the truth in 88 % for 10 speakers and 90 % for 15, the expanded one in 92 and 93 %.

    Source: expanded percentile interval, Hesterberg, What Teachers Should Know About the Bootstrap, The American
    Statistician 69 (2015), arXiv 1411.5279.
    """
    return _NORMAL.cdf(-math.sqrt(n_blocks / (n_blocks - 1)) * student.quantile(1 - tail, n_blocks - 1))


def contracted_tail(share: float, n_blocks: int) -> float:
    """The reverse of `expanded_tail`: what a share of draws on one side, below a half, says of true figures."""
    return student.upper_tail(-_NORMAL.inv_cdf(share) * math.sqrt((n_blocks - 1) / n_blocks), n_blocks - 1)


def _bca_quantiles(wanted: list[float], drawn: FloatArray, statistic: Statistic, sums: FloatArray) -> list[float]:
    """Quantiles corrected for bias and for a spread that changes with the figure.

    Source: Efron, Better Bootstrap Confidence Intervals, JASA 82 (1987); acceleration from the jackknife over blocks.
    """
    (value,) = statistic(sums.sum(axis=0, keepdims=True))
    below = float((drawn < value).mean() + (drawn == value).mean() / 2)
    edge = 0.5 / len(drawn)
    bias = _NORMAL.inv_cdf(min(max(below, edge), 1 - edge))
    without = statistic(sums.sum(axis=0) - sums)
    deviations = np.nanmean(without) - without[~np.isnan(without)]
    spread = float((deviations**2).sum())
    acceleration = float((deviations**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
    corrected = []
    for share in wanted:
        moved = bias + _NORMAL.inv_cdf(share)
        stretch = 1 - acceleration * moved
        corrected.append(_NORMAL.cdf(bias + moved / stretch) if stretch > 0 else float(moved > 0))
    return corrected


def _divided(numerators: FloatArray, denominators: FloatArray) -> FloatArray:
    """Quotients, NaN where the denominator is 0."""
    quotients = np.full(numerators.shape, np.nan)
    np.divide(numerators, denominators, out=quotients, where=denominators > 0)
    return quotients
