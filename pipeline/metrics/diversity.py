"""How evenly amounts are spread over kinds: hours over dialects, time over speakers."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def effective_number(amounts: Collection[float]) -> float | None:
    """Hill number of order 1, exp of the Shannon entropy: as many kinds of equal size would be as diverse.

    Between 1 and the number of kinds above zero; None where there is nothing.

    Source: Hill, Ecology 54 (1973) 427-432.
    """
    shares = _shares(amounts)
    return math.exp(-sum(share * math.log(share) for share in shares)) if shares else None


def inverse_simpson(amounts: Collection[float]) -> float | None:
    """Hill number of order 2, 1 / sum of squared shares: weighs large kinds more. None where there is nothing.

    Of time per speaker it is the effective number of speakers. Source: Simpson, Nature 163 (1949); Hill 1973.
    """
    shares = _shares(amounts)
    return 1 / sum(share * share for share in shares) if shares else None


def top_share(amounts: Collection[float]) -> float | None:
    """Share of the largest kind, in (0, 1]; None where there is nothing.

    Of time per speaker it should stay below 0.1. Source: common-voice issue 1491.
    """
    return max(_shares(amounts), default=None)


def total_variation(amounts: Mapping[Key, float], wanted: Mapping[Key, float]) -> float | None:
    """Half the sum of differences of shares, in [0, 1]: the share that would have to move to match, say, a census.

    None where one side is empty. Source: Levin, Peres & Wilmer, Markov Chains and Mixing Times, section 4.1.
    """
    n, n_wanted = math.fsum(amounts.values()), math.fsum(wanted.values())
    if n == 0 or n_wanted == 0:
        return None
    kinds = dict.fromkeys([*amounts, *wanted])
    return math.fsum(abs(amounts.get(kind, 0) / n - wanted.get(kind, 0) / n_wanted) for kind in kinds) / 2


def _shares(amounts: Collection[float]) -> list[float]:
    if any(amount < 0 for amount in amounts):
        raise ValueError(f"amounts are at least 0, got {min(amounts)!r}")
    n = math.fsum(amounts)
    return [amount / n for amount in amounts if amount > 0]
