"""Agreement on labels: dialect, sex of the speaker, kind of noise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence


def nominal_alpha(units: Sequence[Sequence[Hashable]]) -> float | None:
    """Krippendorff's alpha of labels without order, for any number of people and with gaps.

    units: the labels that each thing was given, by those who labelled it; a thing with one label says nothing.
    1 for full agreement, 0 for chance, below 0 for less; None where nothing was labelled twice or all labels are one.

    Source: Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, section C.
    """
    pairable = [Counter(labels) for labels in units if len(labels) >= 2]
    totals: Counter[Hashable] = Counter()
    n_unlike = 0.0
    for labels in pairable:
        totals.update(labels)
        n = labels.total()
        n_unlike += (n * n - sum(k * k for k in labels.values())) / (n - 1)
    n = totals.total()
    n_unlike_by_chance = n * n - sum(k * k for k in totals.values())
    if n_unlike_by_chance == 0:
        return None
    return 1 - (n - 1) * n_unlike / n_unlike_by_chance


def cohen_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Agreement of the same two people on labels beyond chance, at most 1.

    pairs: the label of the first person and that of the second, for each thing. None without pairs, or where both
    always gave one and the same label.

    Source: Cohen, Educational and Psychological Measurement 20 (1960) 37-46.
    """
    n = len(pairs)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    n_alike = sum(a == b for a, b in pairs)
    n_squared_by_chance = sum(k * second[label] for label, k in first.items())
    if n * n == n_squared_by_chance:
        return None
    return (n * n_alike - n_squared_by_chance) / (n * n - n_squared_by_chance)
