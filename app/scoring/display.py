"""Which alignments and confusions of a corpus are worth showing."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from app.scoring.counting import profile_of, tokenised
from app.scoring.inputs import DialectPairs
from app.scoring.scores import ScoreReport
from pipeline.dialects.catalogue import Dialect
from pipeline.metrics.alignment import Alignment, align, confusions
from pipeline.text.profiles import Level
from pipeline.transcripts import Pair

MOST_SEGMENTS = 200
"""A dialect: what one page can hold and one person can read."""
MOST_CONFUSIONS = 50

Confusion = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class ShownPair:
    """One segment and its alignment."""

    pair: Pair
    alignment: Alignment


@dataclass(frozen=True, slots=True)
class DialectDisplay:
    """What is shown of one dialect at one level."""

    dialect: Dialect
    level: Level
    n_with_errors: int
    """Segments with an error."""
    shown: tuple[ShownPair, ...]
    """Those with most errors, the first of equals first."""
    confusions: tuple[tuple[Confusion, int], ...]
    """The most frequent errors of all segments: (reference, hypothesis), None for the side without a token."""


def displayed(report: ScoreReport) -> Iterator[DialectDisplay]:
    """What is shown of each dialect at the first level."""
    level = report.groups[0].levels[0].level
    for each in report.corpus.dialects:
        yield _display(each, level)


def _display(each: DialectPairs, level: Level) -> DialectDisplay:
    counted: Counter[Confusion] = Counter()
    worst: list[tuple[int, int, ShownPair]] = []
    n_with_errors = 0
    for place, scored in enumerate(tokenised(each.pairs, profile_of(each.dialect), level=level)):
        if scored.reference == scored.hypothesis:
            continue
        n_with_errors += 1
        alignment = align(scored.reference, scored.hypothesis)
        counted.update(confusions([alignment]))
        entry = (alignment.counts.n_errors, -place, ShownPair(scored.pair, alignment))
        if len(worst) < MOST_SEGMENTS:
            heapq.heappush(worst, entry)
        else:
            heapq.heappushpop(worst, entry)
    shown = tuple(pair for _, _, pair in sorted(worst, key=lambda entry: entry[:2], reverse=True))
    return DialectDisplay(each.dialect, level, n_with_errors, shown, tuple(counted.most_common(MOST_CONFUSIONS)))
