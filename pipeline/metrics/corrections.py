"""p-values of many comparisons at once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import accumulate
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def holm(p_values: Mapping[Key, float]) -> dict[Key, float]:
    """p-values adjusted so that the chance of any false finding among all stays below the level.

    p_values: of each dialect; the answer has the same keys in the same order.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.
    """
    ordered = _ascending(p_values)
    raised = [min(1.0, p * (len(ordered) - k)) for k, (_, p) in enumerate(ordered)]
    adjusted = dict(zip((key for key, _ in ordered), accumulate(raised, max), strict=True))
    return {key: adjusted[key] for key in p_values}


def benjamini_hochberg(p_values: Mapping[Key, float]) -> dict[Key, float]:
    """p-values adjusted so that the expected share of false findings among the findings stays below the level.

    p_values: of each dialect; the answer has the same keys in the same order.

    Source: Benjamini & Hochberg, JRSS B 57 (1995) 289-300.
    """
    falling = _ascending(p_values)[::-1]
    raised = [min(1.0, p * len(falling) / (len(falling) - k)) for k, (_, p) in enumerate(falling)]
    adjusted = dict(zip((key for key, _ in falling), accumulate(raised, min), strict=True))
    return {key: adjusted[key] for key in p_values}


def _ascending(p_values: Mapping[Key, float]) -> list[tuple[Key, float]]:
    outside = {key: p for key, p in p_values.items() if not 0 <= p <= 1}
    if outside:
        raise ValueError(f"p-values lie in [0, 1], got {outside!r}")
    return sorted(p_values.items(), key=lambda item: item[1])
