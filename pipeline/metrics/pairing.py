"""Which tokens of two unequal stretches stand beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

MOST_CELLS = 10_000
"""Above so many possible pairs a stretch is no slip but another text: its tokens are paired from the left."""


def paired_positions(shorter: Sequence[str], longer: Sequence[str]) -> frozenset[int]:
    """Positions in the longer stretch whose tokens are paired, in order, with all tokens of the shorter one.

    The pairs differ in as few characters as possible in all; where pairings are equal, tokens stand as far left as can
    be. Source: character-aware alignment as in texterrors, here without any effect on counts.
    """
    n_spare = len(longer) - len(shorter)
    if n_spare == 0 or not shorter or len(shorter) * (n_spare + 1) > MOST_CELLS:
        return frozenset(range(len(shorter)))
    costs = [0] * (n_spare + 1)
    skipped_at: list[list[int]] = []
    for k, token in enumerate(shorter):
        here = [cost + Levenshtein.distance(token, longer[k + n]) for n, cost in enumerate(costs)]
        costs, skipped = _running_minimum(here)
        skipped_at.append(skipped)
    return _traced(skipped_at)


def _running_minimum(costs: Sequence[int]) -> tuple[list[int], list[int]]:
    """The smallest cost so far at each place, and the first place where it stood."""
    best, place = costs[0], 0
    minima, places = [], []
    for n, cost in enumerate(costs):
        if cost < best:
            best, place = cost, n
        minima.append(best)
        places.append(place)
    return minima, places


def _traced(skipped_at: Sequence[Sequence[int]]) -> frozenset[int]:
    """The chosen positions: for each token, how many of the longer stretch had been passed over before it."""
    n = len(skipped_at[0]) - 1
    positions = []
    for k in reversed(range(len(skipped_at))):
        n = skipped_at[k][n]
        positions.append(k + n)
    return frozenset(positions)
