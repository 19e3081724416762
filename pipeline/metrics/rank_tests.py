"""Tests on paired differences that ask for no distribution: signed ranks and signs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

MOST_EXACT = 50
"""Differences up to which the distribution of the signed ranks is counted out; beyond, the normal one is close."""

Difference = int | float | Fraction


@dataclass(frozen=True, slots=True)
class RankTest:
    """How lopsided paired differences are."""

    n: int
    """Differences other than zero."""
    statistic: float
    """Signed ranks: the smaller of the two rank sums. Signs: the smaller of the two counts."""
    p_value: float
    """Two-sided; 1 where nothing differs."""
    is_exact: bool


def signed_rank_test(differences: Sequence[Difference]) -> RankTest:
    """Wilcoxon's signed-rank test of differences around zero, for instance of rates per speaker.

    Zeros are left out, equal sizes share their mean rank. Up to `MOST_EXACT` differences the p-value is counted out
    over all signs of the ranks as they are, ties included; beyond, it is the normal one, its variance corrected for
    ties.

    Source: Wilcoxon, Biometrics Bulletin 1 (1945); tie correction as in Hollander & Wolfe, section 3.1.
    """
    doubled = _doubled_ranks(differences)
    n = len(doubled)
    positive = sum(rank for rank, is_positive in doubled if is_positive)
    smaller = min(positive, sum(rank for rank, _ in doubled) - positive)
    if n <= MOST_EXACT:
        p_value = _exact_p_value([rank for rank, _ in doubled], smaller)
    else:
        p_value = _normal_p_value([rank for rank, _ in doubled], smaller)
    return RankTest(n, smaller / 2, p_value, is_exact=n <= MOST_EXACT)


def sign_test(differences: Sequence[Difference]) -> RankTest:
    """Whether differences have one sign more often than the other, by the exact binomial distribution.

    On segments right for one system alone this is the exact McNemar test: weak evidence, never to be used alone.

    Source: Arbuthnott 1710; Conover, Practical Nonparametric Statistics, section 3.4.
    """
    n_positive = sum(value > 0 for value in differences)
    n_negative = sum(value < 0 for value in differences)
    n, smaller = n_positive + n_negative, min(n_positive, n_negative)
    ways = term = 1
    for k in range(1, smaller + 1):
        term = term * (n - k + 1) // k
        ways += term
    return RankTest(n, float(smaller), min(1.0, float(Fraction(2 * ways, 2**n))), is_exact=True)


def _doubled_ranks(differences: Sequence[Difference]) -> list[tuple[int, bool]]:
    """Twice the mean rank of each size other than zero, a whole number, and whether the difference is positive."""
    ordered = sorted((Fraction(value) for value in differences if value != 0), key=abs)
    ranks: list[tuple[int, bool]] = []
    for _, group in groupby(ordered, key=abs):
        ties = list(group)
        doubled_rank = 2 * len(ranks) + len(ties) + 1
        ranks += [(doubled_rank, value > 0) for value in ties]
    return ranks


def _exact_p_value(doubled_ranks: Sequence[int], smaller: int) -> float:
    """Share of all choices of signs whose smaller rank sum is no larger."""
    ways = [1] + [0] * sum(doubled_ranks)
    reached = 0
    for rank in doubled_ranks:
        reached += rank
        for value in range(reached, rank - 1, -1):
            ways[value] += ways[value - rank]
    return min(1.0, float(Fraction(2 * sum(ways[: smaller + 1]), 2 ** len(doubled_ranks))))


def _normal_p_value(doubled_ranks: Sequence[int], smaller: int) -> float:
    n = len(doubled_ranks)
    n_ties = sum(size**3 - size for size in Counter(doubled_ranks).values())
    variance = n * (n + 1) * (2 * n + 1) / 24 - n_ties / 48
    return math.erfc((n * (n + 1) / 4 - smaller / 2) / math.sqrt(2 * variance))
