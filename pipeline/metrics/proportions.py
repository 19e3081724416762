"""Shares of independent things, and their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

from pipeline.metrics.estimates import Interval, IntervalMethod, NoInterval, NoIntervalReason


@dataclass(frozen=True, slots=True)
class Proportion:
    """So many of so many; values that add."""

    n_cases: int = 0
    n_all: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.n_cases <= self.n_all:
            raise ValueError(f"a proportion needs 0 <= n_cases <= n_all, got {self!r}")

    def __add__(self, other: Proportion) -> Proportion:
        if not isinstance(other, Proportion):
            return NotImplemented
        return Proportion(self.n_cases + other.n_cases, self.n_all + other.n_all)

    def __radd__(self, other: int) -> Proportion:
        """`sum` begins with 0."""
        return self if other == 0 else NotImplemented

    @property
    def numerator(self) -> int:
        """Of the rate: cases."""
        return self.n_cases

    @property
    def denominator(self) -> int:
        """Of the rate: all."""
        return self.n_all

    @property
    def rate(self) -> float | None:
        """Cases / all, in [0, 1]; None of nothing."""
        return self.n_cases / self.n_all if self.n_all else None

    def wilson_interval(self, *, level: float = 0.95) -> Interval | NoInterval:
        """Interval of the share where cases are independent of each other; by speaker, bootstrap instead.

        Source: Wilson, JASA 22 (1927) 209-212; recommended for small n by Brown, Cai & DasGupta 2001.
        """
        if self.n_all == 0:
            return NoInterval(NoIntervalReason.EMPTY, 0)
        z = NormalDist().inv_cdf(0.5 + level / 2)
        share, n = self.n_cases / self.n_all, self.n_all
        centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        half_width = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        low = 0.0 if self.n_cases == 0 else max(0.0, centre - half_width)
        high = 1.0 if self.n_cases == n else min(1.0, centre + half_width)
        return Interval(low, high, level=level, method=IntervalMethod.WILSON, n_blocks=n)


def share_of(claims: Iterable[bool]) -> Proportion:
    """How many of the claims hold."""
    held = list(claims)
    return Proportion(sum(held), len(held))
