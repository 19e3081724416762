"""The matched-pairs sentence-segment word error test (MAPSSWE)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean, stdev

from pipeline.errors import PipelineError
from pipeline.metrics.alignment import Alignment, EditKind

LEAST_RIGHT_WORDS = 2
"""Words right in both systems that part one segment from the next. Source: `min_num_good` of NIST sc_stats."""
LEAST_SEGMENTS = 50
"""Segments below which the normal approximation is doubtful. Source: Gillick & Cox, ICASSP 1989."""


class DifferentReferences(PipelineError):
    """Alignments of two systems that are not with the same reference."""


@dataclass(frozen=True, slots=True)
class SegmentErrors:
    """Errors of both systems between two stretches that both got right."""

    a: int
    b: int


@dataclass(frozen=True, slots=True)
class MatchedPairsTest:
    """Whether two systems make the same number of errors per segment."""

    n_segments: int
    mean_difference: float | None
    """Errors of A - errors of B per segment; None without segments."""
    statistic: float | None
    """W, standard normal where the systems are alike; None where all segments have the same difference."""
    p_value: float | None
    """Two-tailed; 1 where the systems differ in no segment or made no error, None where W is undefined otherwise."""

    @property
    def is_trustworthy(self) -> bool:
        """Whether there are segments enough for the normal approximation."""
        return self.n_segments >= LEAST_SEGMENTS


def error_segments(a: Alignment, b: Alignment) -> list[SegmentErrors]:
    """Segments of one utterance with an error of A or of B, parted by two or more words that both have right.

    Insertions stand before the reference word that follows them, and end a stretch of right words.

    Raises: DifferentReferences where the alignments have different reference tokens.
    """
    if a.reference != b.reference:
        raise DifferentReferences(f"the references differ: {' '.join(a.reference)!r} and {' '.join(b.reference)!r}")
    steps = zip(_errors_by_step(a), _errors_by_step(b), strict=True)
    segments: list[SegmentErrors] = []
    n_a = n_b = 0
    for is_right, group in groupby(enumerate(steps), key=lambda step: step[1] == (0, 0)):
        stretch = list(group)
        if is_right and sum(place % 2 for place, _ in stretch) >= LEAST_RIGHT_WORDS:
            segments.append(SegmentErrors(n_a, n_b))
            n_a = n_b = 0
        n_a += sum(errors for _, (errors, _) in stretch)
        n_b += sum(errors for _, (_, errors) in stretch)
    segments.append(SegmentErrors(n_a, n_b))
    return [segment for segment in segments if segment != SegmentErrors(0, 0)]


def matched_pairs_test(segments: Sequence[SegmentErrors]) -> MatchedPairsTest:
    """W = mean(Z) / (sd(Z) / sqrt(n)), where Z is the difference of errors in a segment, and n the segments.

    segments: of all utterances together.

    Source: Gillick & Cox, Some statistical issues in the comparison of speech recognition algorithms, ICASSP 1989.
    """
    differences = [segment.a - segment.b for segment in segments]
    n = len(differences)
    if not any(differences):
        return MatchedPairsTest(n, 0.0 if n else None, statistic=None, p_value=1.0)
    spread = stdev(differences) if n > 1 else 0.0
    if spread == 0:
        return MatchedPairsTest(n, fmean(differences), statistic=None, p_value=None)
    statistic = fmean(differences) / (spread / math.sqrt(n))
    return MatchedPairsTest(n, fmean(differences), statistic, p_value=math.erfc(abs(statistic) / math.sqrt(2)))


def all_error_segments(pairs: Iterable[tuple[Alignment, Alignment]]) -> list[SegmentErrors]:
    """Segments of many utterances, each aligned for both systems."""
    return [segment for a, b in pairs for segment in error_segments(a, b)]


def _errors_by_step(alignment: Alignment) -> Iterator[int]:
    """Errors before each reference word (even places), at it (odd places), and after the last."""
    n_inserted = 0
    for pair in alignment.pairs():
        if pair.kind is EditKind.INSERTION:
            n_inserted += 1
            continue
        yield n_inserted
        yield int(pair.kind is not EditKind.HIT)
        n_inserted = 0
    yield n_inserted
