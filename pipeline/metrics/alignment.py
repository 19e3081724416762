"""Alignment of a hypothesis with its reference, to be shown and to be counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from pipeline.metrics.counts import ErrorCounts
from pipeline.metrics.edits import edits_of
from pipeline.metrics.pairing import paired_positions


class EditKind(StrEnum):
    """What happened to a run of tokens."""

    HIT = "hit"
    SUBSTITUTION = "substitution"
    DELETION = "deletion"
    INSERTION = "insertion"


@dataclass(frozen=True, slots=True)
class AlignedRun:
    """Neighbouring tokens with the same fate; for hits and substitutions both sides have the same length."""

    kind: EditKind
    reference_start: int
    hypothesis_start: int
    reference: tuple[str, ...]
    hypothesis: tuple[str, ...]

    @property
    def n_tokens(self) -> int:
        """Columns that the run takes when it is shown."""
        return max(len(self.reference), len(self.hypothesis))


@dataclass(frozen=True, slots=True)
class AlignedPair:
    """One column of an alignment: a side is None where it has no token there."""

    kind: EditKind
    reference: str | None
    hypothesis: str | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """A whole reference and a whole hypothesis, run by run."""

    runs: tuple[AlignedRun, ...]

    @property
    def counts(self) -> ErrorCounts:
        """What the alignment counts; equal to `count` of the same tokens."""
        n: Counter[EditKind] = Counter()
        for run in self.runs:
            n[run.kind] += run.n_tokens
        return ErrorCounts(n[EditKind.HIT], n[EditKind.SUBSTITUTION], n[EditKind.DELETION], n[EditKind.INSERTION])

    @property
    def reference(self) -> tuple[str, ...]:
        """All reference tokens in order."""
        return tuple(token for run in self.runs for token in run.reference)

    @property
    def hypothesis(self) -> tuple[str, ...]:
        """All hypothesis tokens in order."""
        return tuple(token for run in self.runs for token in run.hypothesis)

    def pairs(self) -> Iterator[AlignedPair]:
        """The alignment column by column."""
        for run in self.runs:
            nothing = (None,) * run.n_tokens
            for pair in zip(run.reference or nothing, run.hypothesis or nothing, strict=True):
                yield AlignedPair(run.kind, *pair)

    def right_reference_tokens(self) -> list[bool]:
        """For each reference token, whether the hypothesis has it."""
        return [run.kind is EditKind.HIT for run in self.runs for _ in run.reference]

    def right_hypothesis_tokens(self) -> list[bool]:
        """For each hypothesis token, whether the reference has it."""
        return [run.kind is EditKind.HIT for run in self.runs for _ in run.hypothesis]


def align(reference: Sequence[str], hypothesis: Sequence[str]) -> Alignment:
    """The alignment with the fewest errors.

    Where several have as few, equal tokens at both ends are hits first; what is between is traced from its end, where a
    deletion goes before a substitution, a substitution before an insertion, an insertion before a hit. Texts of many
    thousand tokens are halved first where that costs no error, those of `edits.LONG_TOKENS` searched in a band, and
    traced within. Between two hits, tokens are then paired so that the pairs differ in as few characters as possible,
    the leftmost pairing where equal: that changes no count, and an error stands beside the word that it is an error
    for. The same tokens are always aligned the same.

    Source: Levenshtein costs 1, 1, 1; Hyyrö 2003 bit-parallel matrix and Hirschberg 1975 halving, as in rapidfuzz.
    """
    runs: list[AlignedRun] = []
    i = j = 0
    for block in edits_of(reference, hypothesis).as_matching_blocks():
        runs += _between_hits(reference[i : block.a], hypothesis[j : block.b], i, j)
        i, j = block.a + block.size, block.b + block.size
        if block.size:
            equal = tuple(reference[block.a : i])
            runs.append(AlignedRun(EditKind.HIT, block.a, block.b, equal, equal))
    return Alignment(tuple(runs))


def confusions(alignments: Iterable[Alignment]) -> Counter[tuple[str | None, str | None]]:
    """How often each error occurs: (reference token, hypothesis token), None for the side that has none."""
    return Counter(
        (pair.reference, pair.hypothesis)
        for alignment in alignments
        for pair in alignment.pairs()
        if pair.kind is not EditKind.HIT
    )


def _between_hits(reference: Sequence[str], hypothesis: Sequence[str], i: int, j: int) -> list[AlignedRun]:
    """Runs of a stretch without hits: all tokens of the shorter side paired, the rest of the longer side alone.

    i, j: where the stretch begins in the two texts.
    """
    if len(reference) >= len(hypothesis):
        alone, paired = EditKind.DELETION, paired_positions(hypothesis, reference)
    else:
        alone, paired = EditKind.INSERTION, paired_positions(reference, hypothesis)
    positions = range(max(len(reference), len(hypothesis)))
    runs: list[AlignedRun] = []
    r = h = 0
    for kind, columns in groupby(EditKind.SUBSTITUTION if k in paired else alone for k in positions):
        length = len(list(columns))
        next_r = r if kind is EditKind.INSERTION else r + length
        next_h = h if kind is EditKind.DELETION else h + length
        runs.append(AlignedRun(kind, i + r, j + h, tuple(reference[r:next_r]), tuple(hypothesis[h:next_h])))
        r, h = next_r, next_h
    return runs
