"""Error counts: values that add. Rates are taken from sums, never averaged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorCounts:
    """What an alignment of hypotheses with references counted, in tokens of one kind (words, mixed tokens, characters).

    Only `n_errors` and `n_ref` are the same in every scorer; how errors divide into the three kinds follows the
    tie-break of `pipeline.metrics.alignment`.
    """

    hits: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    def __post_init__(self) -> None:
        if min(self.hits, self.substitutions, self.deletions, self.insertions) < 0:
            raise ValueError(f"counts are at least 0, got {self!r}")

    def __add__(self, other: ErrorCounts) -> ErrorCounts:
        if not isinstance(other, ErrorCounts):
            return NotImplemented
        return ErrorCounts(
            self.hits + other.hits,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
        )

    def __radd__(self, other: int) -> ErrorCounts:
        """`sum` begins with 0."""
        return self if other == 0 else NotImplemented

    @property
    def n_ref(self) -> int:
        """Reference tokens: hits + substitutions + deletions."""
        return self.hits + self.substitutions + self.deletions

    @property
    def n_hyp(self) -> int:
        """Hypothesis tokens: hits + substitutions + insertions."""
        return self.hits + self.substitutions + self.insertions

    @property
    def n_errors(self) -> int:
        """Substitutions + deletions + insertions: the edit distance."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def numerator(self) -> int:
        """Of the rate: errors."""
        return self.n_errors

    @property
    def denominator(self) -> int:
        """Of the rate: reference tokens."""
        return self.n_ref

    @property
    def rate(self) -> float | None:
        """Errors / reference tokens, in [0, inf); None when the reference is empty.

        WER over words, mixER over mixed tokens, CER over characters. Never clipped: above 1 there are more errors than
        words.
        """
        return self.n_errors / self.n_ref if self.n_ref else None

    @property
    def match_error_rate(self) -> float | None:
        """Errors / (errors + hits), in [0, 1]; None when both sides are empty.

        Source: Morris, Maier & Green, From WER and RIL to MER and WIL, Interspeech 2004.
        """
        return self.n_errors / (self.n_errors + self.hits) if self.n_errors + self.hits else None

    @property
    def word_information_preserved(self) -> float | None:
        """WIP = hits / reference tokens * hits / hypothesis tokens, in [0, 1]; None when both sides are empty.

        0 when one side is empty. Source: Morris, Maier & Green 2004.
        """
        if self.n_ref == self.n_hyp == 0:
            return None
        return self.hits / self.n_ref * self.hits / self.n_hyp if self.hits else 0.0

    @property
    def word_information_lost(self) -> float | None:
        """WIL = 1 - WIP, in [0, 1]; None when both sides are empty."""
        preserved = self.word_information_preserved
        return None if preserved is None else 1.0 - preserved

    @property
    def is_right(self) -> bool:
        """Whether there is no error: what the sentence error rate counts."""
        return self.n_errors == 0

    @property
    def is_hallucinated(self) -> bool:
        """Whether there is text where the reference is silent, or more was put in than the reference holds."""
        return self.insertions > self.n_ref


def total(counts: Iterable[ErrorCounts]) -> ErrorCounts:
    """The sum of counts; nothing at all where there are none."""
    return sum(counts, start=ErrorCounts())
