"""Counts of many segments at once, as columns."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from pipeline.errors import PipelineError
from pipeline.metrics.counts import ErrorCounts
from pipeline.metrics.edits import LONG_TOKENS, edits_of
from pipeline.metrics.proportions import Proportion

Key = TypeVar("Key", bound=Hashable)


class UnpairedTexts(PipelineError):
    """References and hypotheses of different number."""


@dataclass(frozen=True, slots=True, eq=False)
class CountTable:
    """Error counts of segments in order.

    columns: shape (segments, 4), int64: hits, substitutions, deletions, insertions.
    """

    columns: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, i: int) -> ErrorCounts:
        return _counts(self.columns[i])

    def __iter__(self) -> Iterator[ErrorCounts]:
        return (ErrorCounts(*row) for row in self.columns.tolist())

    def total(self) -> ErrorCounts:
        """The sum over all segments."""
        return _counts(self.columns.sum(axis=0))

    def by_group(self, keys: Sequence[Key]) -> dict[Key, ErrorCounts]:
        """Sums per key, in the order in which keys first appear.

        keys: one per segment: its dialect, its speaker, a tuple of both.

        Raises: UnpairedTexts where there are more or fewer keys than segments.
        """
        if len(keys) != len(self):
            raise UnpairedTexts(f"{len(keys)} keys for {len(self)} segments; expected one each.")
        numbers: dict[Key, int] = {}
        group_of = np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys), np.int64, len(keys))
        sums = np.zeros((len(numbers), 4), dtype=np.int64)
        np.add.at(sums, group_of, self.columns)
        return {key: _counts(sums[number]) for key, number in numbers.items()}

    def sentence_errors(self) -> Proportion:
        """Segments with an error among all; its rate is the sentence error rate (SER)."""
        return Proportion(int((self.columns[:, 1:].sum(axis=1) > 0).sum()), len(self))

    def hallucinations(self) -> Proportion:
        """Segments with text on an empty reference, or more insertions than reference tokens, among all."""
        n_ref = self.columns[:, :3].sum(axis=1)
        return Proportion(int((self.columns[:, 3] > n_ref).sum()), len(self))


def count_all(references: Sequence[Sequence[str]], hypotheses: Sequence[Sequence[str]]) -> CountTable:
    """Counts of each reference with its hypothesis.

    references, hypotheses: tokens of each segment; a `str` counts as its code points, which makes character counts.
    The two sides of a pair must be of one kind. Counts, with their division into kinds of errors, equal those of
    `align` and of `jiwer.process_words`.

    Raises: UnpairedTexts where the sides differ in number.
    """
    if len(references) != len(hypotheses):
        raise UnpairedTexts(f"{len(references)} references and {len(hypotheses)} hypotheses; expected as many of each.")
    n_ref = np.fromiter(map(len, references), np.int64, len(references))
    n_hyp = np.fromiter(map(len, hypotheses), np.int64, len(hypotheses))
    # Of a long text the edits are needed anyway, and their number is the distance.
    is_long = np.maximum(n_ref, n_hyp) >= LONG_TOKENS
    edits = {i: edits_of(references[i], hypotheses[i]).as_list() for i in np.flatnonzero(is_long).tolist()}
    n_errors = _distances(references, hypotheses, edits)
    substitutions = n_errors - np.abs(n_ref - n_hyp)
    # Deletions and insertions differ by the lengths: only where two more errors remain can they divide in several ways.
    for i in np.flatnonzero(substitutions >= 2).tolist():
        found = edits[i] if i in edits else edits_of(references[i], hypotheses[i]).as_list()
        substitutions[i] = [edit[0] for edit in found].count("replace")
    deletions = (n_errors - substitutions + n_ref - n_hyp) // 2
    insertions = deletions + n_hyp - n_ref
    return CountTable(np.stack([n_ref - substitutions - deletions, substitutions, deletions, insertions], axis=1))


def _distances(
    references: Sequence[Sequence[str]], hypotheses: Sequence[Sequence[str]], edits: Mapping[int, Sequence[object]]
) -> NDArray[np.int64]:
    """The edit distance of each pair, where its edits are known by counting them."""
    if not edits:
        return np.fromiter(map(Levenshtein.distance, references, hypotheses), np.int64, len(references))
    pairs = enumerate(zip(references, hypotheses, strict=True))
    distances = (len(edits[i]) if i in edits else Levenshtein.distance(*pair) for i, pair in pairs)
    return np.fromiter(distances, np.int64, len(references))


def count(reference: Sequence[str], hypothesis: Sequence[str]) -> ErrorCounts:
    """Counts of one pair; for many pairs, `count_all` is faster."""
    return count_all([reference], [hypothesis])[0]


def _counts(row: NDArray[np.int64]) -> ErrorCounts:
    return ErrorCounts(*row.tolist())
