"""Whether a recogniser's confidence in a word is the chance that the word is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import log2
from statistics import fmean

from pipeline.errors import PipelineError
from pipeline.metrics.alignment import Alignment
from pipeline.metrics.proportions import Proportion, share_of

N_BINS = 10
LEAST_CHANCE = 1e-7
"""Confidences are held this far from 0 and 1 where their logarithm is taken: one sure error would weigh infinitely."""


class ConfidencesUnpaired(PipelineError):
    """Not one confidence per word of the hypothesis."""


@dataclass(frozen=True, slots=True)
class ScoredWord:
    """A word of a draft: how sure the recogniser was, in [0, 1], and whether it was right."""

    confidence: float
    is_right: bool

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"a confidence lies in [0, 1], got {self.confidence!r}")


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Words of like confidence: one point of the reliability curve."""

    mean_confidence: float
    right: Proportion
    """`right.wilson_interval()` is its error bar."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far confidences can be believed."""

    right: Proportion
    mean_confidence: float | None
    """Above the share of right words: over-confident. None without words."""
    expected_calibration_error: float | None
    """ECE, in [0, 1]; 0 is best. None without words."""
    area_under_curve: float | None
    """AUROC of "this word is wrong": chance that a wrong word has the lower confidence, 0.5 for none. None unless there
    are right and wrong words."""
    normalised_cross_entropy: float | None
    """NCE, at most 1, 0 for a constant confidence, below 0 for worse. None unless there are right and wrong words."""
    curve: tuple[CurvePoint, ...]

    @property
    def n(self) -> int:
        """Words."""
        return self.right.n_all


def scored_words(alignment: Alignment, confidences: Sequence[float]) -> list[ScoredWord]:
    """Words of a hypothesis with what became of them: a hit is right, a substitution or insertion wrong.

    Deleted words have no confidence and are not scored.

    Raises: ConfidencesUnpaired where there is not one confidence per word.
    """
    claims = alignment.right_hypothesis_tokens()
    if len(claims) != len(confidences):
        raise ConfidencesUnpaired(f"{len(confidences)} confidences for {len(claims)} words; expected one each.")
    return [ScoredWord(*pair) for pair in zip(confidences, claims, strict=True)]


def calibration(words: Sequence[ScoredWord], *, n_bins: int = N_BINS) -> Calibration:
    """All figures of some scored words.

    ECE = sum over bins of n_bin / n * |share right - mean confidence|, with bins of equally many words; words of the
    same confidence stay in one bin, so that the order of words changes nothing.

    Source: ECE: Naeini, Cooper & Hauskrecht, AAAI 2015, equal-mass bins as in Nixon et al. 2019, arXiv 1904.01685.
    NCE: NIST, as in Siu & Gish, Computer Speech and Language 13 (1999). AUROC: Mann & Whitney 1947.
    """
    right = share_of(word.is_right for word in words)
    curve = _reliability_curve(words, n_bins=n_bins)
    gaps = (point.right.n_all * abs((point.right.rate or 0.0) - point.mean_confidence) for point in curve)
    return Calibration(
        right,
        mean_confidence=fmean(word.confidence for word in words) if words else None,
        expected_calibration_error=sum(gaps) / len(words) if words else None,
        area_under_curve=_area_under_curve(words),
        normalised_cross_entropy=_normalised_cross_entropy(words, right),
        curve=curve,
    )


def _reliability_curve(words: Sequence[ScoredWord], *, n_bins: int) -> tuple[CurvePoint, ...]:
    bins: dict[int, list[ScoredWord]] = {}
    n_before = 0
    for group in _by_confidence(words):
        bins.setdefault(n_before * n_bins // len(words), []).extend(group)
        n_before += len(group)
    return tuple(
        CurvePoint(fmean(word.confidence for word in group), share_of(word.is_right for word in group))
        for group in bins.values()
    )


def _area_under_curve(words: Sequence[ScoredWord]) -> float | None:
    n_right = sum(word.is_right for word in words)
    n_wrong = len(words) - n_right
    if not (n_right and n_wrong):
        return None
    n_ordered = 0.0
    n_wrong_below = 0
    for group in _by_confidence(words):
        n_right_here = sum(word.is_right for word in group)
        n_wrong_here = len(group) - n_right_here
        n_ordered += n_right_here * (n_wrong_below + n_wrong_here / 2)
        n_wrong_below += n_wrong_here
    return n_ordered / (n_right * n_wrong)


def _normalised_cross_entropy(words: Sequence[ScoredWord], right: Proportion) -> float | None:
    """(H(share right) - H(right | confidence)) / H(share right)."""
    if right.n_cases in (0, right.n_all):
        return None
    share = right.n_cases / right.n_all
    baseline = -(share * log2(share) + (1 - share) * log2(1 - share))
    return 1 - fmean(_surprise(word) for word in words) / baseline


def _surprise(word: ScoredWord) -> float:
    """Bits that the truth about a word costs under its confidence."""
    chance = word.confidence if word.is_right else 1 - word.confidence
    return -log2(min(max(chance, LEAST_CHANCE), 1 - LEAST_CHANCE))


def _by_confidence(words: Sequence[ScoredWord]) -> list[list[ScoredWord]]:
    """Words of the same confidence together, the least sure first."""
    ordered = sorted(words, key=lambda word: word.confidence)
    return [list(group) for _, group in groupby(ordered, key=lambda word: word.confidence)]
