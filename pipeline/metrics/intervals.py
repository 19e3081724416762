"""Rates with their intervals."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.metrics.estimates import Estimate
from pipeline.metrics.resampling import (
    DEFAULT,
    FloatArray,
    Ratio,
    Resampling,
    Statistic,
    block_sums,
    interval,
    n_full_blocks,
    quotient,
    ratio,
    value_of,
)


def estimate(blocks: Iterable[Ratio], *, resampling: Resampling = DEFAULT) -> Estimate:
    """A rate with its interval, from the summed counts of each block.

    blocks: one value per speaker (per recording where the speaker is unknown, see `block_of`): `ErrorCounts`,
    `Proportion` or another value with a numerator and a denominator.
    """
    return estimated(ratio, block_sums(blocks), resampling=resampling)


def estimate_quotient(over: Iterable[Ratio], under: Iterable[Ratio], *, resampling: Resampling = DEFAULT) -> Estimate:
    """One rate divided by another with its interval; both have one value per block, in the same order."""
    return estimated(quotient, block_sums(over, under), resampling=resampling)


def estimated(statistic: Statistic, sums: FloatArray, *, resampling: Resampling = DEFAULT) -> Estimate:
    """A figure of block sums with its interval; `n` is the first denominator."""
    return Estimate(
        value_of(statistic, sums),
        n=float(sums[:, 1].sum()),
        n_blocks=n_full_blocks(sums),
        interval=interval(statistic, sums, resampling=resampling),
    )
