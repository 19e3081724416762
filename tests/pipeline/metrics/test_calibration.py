"""Confidence of words against whether they are right."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metrics.alignment import align
from pipeline.metrics.calibration import ConfidencesUnpaired, ScoredWord, calibration, scored_words
from tests.pipeline.metrics.scored_pairs import unhurried

WORDS = st.lists(st.builds(ScoredWord, st.floats(0, 1), st.booleans()), max_size=60)


def test_hits_are_right_and_substitutions_and_insertions_wrong() -> None:
    words = scored_words(align(["वह", "घर", "गया", "है"], ["वह", "गर", "गया", "था", "है"]), [0.9, 0.5, 0.8, 0.2, 0.7])
    assert [word.is_right for word in words] == [True, False, True, False, True]
    assert [word.confidence for word in words] == [0.9, 0.5, 0.8, 0.2, 0.7]


def test_deleted_words_are_not_scored() -> None:
    assert scored_words(align(["a", "b"], ["b"]), [0.5]) == [ScoredWord(0.5, is_right=True)]


def test_missing_confidences_and_impossible_ones_are_refused() -> None:
    with pytest.raises(ConfidencesUnpaired, match="1 confidences for 2 words"):
        scored_words(align([], ["a", "b"]), [0.5])
    for wrong in (1.5, -0.1, math.nan):
        with pytest.raises(ValueError, match="lies in"):
            ScoredWord(wrong, is_right=True)


def test_a_worked_example() -> None:
    """Two bins: (0.2, 0.4) with 1 of 2 right, (0.6, 0.8) with 2 of 2 right: ECE = (0.2 + 0.3) / 2."""
    words = [ScoredWord(0.2, False), ScoredWord(0.4, True), ScoredWord(0.6, True), ScoredWord(0.8, True)]
    found = calibration(words, n_bins=2)
    assert found.expected_calibration_error == pytest.approx(0.25)
    assert [point.mean_confidence for point in found.curve] == pytest.approx([0.3, 0.7])
    assert [point.right.rate for point in found.curve] == [0.5, 1.0]
    assert found.area_under_curve == 1.0
    assert (found.n, found.right.n_cases, found.mean_confidence) == (4, 3, 0.5)
    surprise = -(math.log2(0.8) + math.log2(0.4) + math.log2(0.6) + math.log2(0.8)) / 4
    baseline = -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))
    assert found.normalised_cross_entropy == pytest.approx((baseline - surprise) / baseline)


def test_true_chances_are_calibrated_and_squared_ones_are_not() -> None:
    rng = random.Random(4)
    chances = [rng.random() for _ in range(20_000)]
    rights = [rng.random() < chance for chance in chances]
    honest = calibration([ScoredWord(*pair) for pair in zip(chances, rights, strict=True)])
    bold = calibration([ScoredWord(math.sqrt(chance), right) for chance, right in zip(chances, rights, strict=True)])
    assert honest.expected_calibration_error is not None
    assert honest.expected_calibration_error < 0.02
    assert bold.expected_calibration_error == pytest.approx(1 / 6, abs=0.02)
    assert honest.area_under_curve == bold.area_under_curve == pytest.approx(5 / 6, abs=0.01)
    assert honest.normalised_cross_entropy is not None
    assert bold.normalised_cross_entropy is not None
    assert honest.normalised_cross_entropy > bold.normalised_cross_entropy
    assert [point.right.n_all for point in honest.curve] == [2_000] * 10


@unhurried
@given(WORDS, st.randoms())
def test_the_order_of_words_changes_nothing(words: list[ScoredWord], order: random.Random) -> None:
    shuffled = list(words)
    order.shuffle(shuffled)
    first, second = calibration(words), calibration(shuffled)
    assert first.area_under_curve == second.area_under_curve
    assert [point.right for point in first.curve] == [point.right for point in second.curve]
    assert first.expected_calibration_error == pytest.approx(second.expected_calibration_error)


@unhurried
@given(WORDS)
def test_figures_keep_their_bounds_and_bins_hold_every_word(words: list[ScoredWord]) -> None:
    found = calibration(words)
    assert sum(point.right.n_all for point in found.curve) == found.n == len(words)
    assert len(found.curve) <= 10
    assert found.expected_calibration_error is None or 0 <= found.expected_calibration_error <= 1
    assert found.normalised_cross_entropy is None or found.normalised_cross_entropy <= 1
    pairs = [(a.confidence, b.confidence) for a in words if not a.is_right for b in words if b.is_right]
    if pairs:
        ordered = sum((wrong < right) + (wrong == right) / 2 for wrong, right in pairs)
        assert found.area_under_curve == pytest.approx(ordered / len(pairs))
    else:
        assert found.area_under_curve is None


def test_many_equal_confidences_leave_no_bins_of_single_words() -> None:
    words = [ScoredWord(0.5, is_right=i % 2 == 0) for i in range(60)]
    words += [ScoredWord(0.6 + i / 100, is_right=True) for i in range(40)]
    assert [point.right.n_all for point in calibration(words).curve] == [60, 10, 10, 10, 10]


def test_nothing_and_one_kind_of_word_have_no_discrimination() -> None:
    assert calibration([]).expected_calibration_error is calibration([]).mean_confidence is None
    only_right = calibration([ScoredWord(0.9, is_right=True)] * 12)
    assert only_right.area_under_curve is only_right.normalised_cross_entropy is None
    assert only_right.expected_calibration_error == pytest.approx(0.1)
    assert len(only_right.curve) == 1


def test_a_sure_error_costs_much_but_not_everything() -> None:
    found = calibration([ScoredWord(1.0, is_right=False), *[ScoredWord(0.9, is_right=True)] * 9])
    assert found.normalised_cross_entropy is not None
    assert -10 < found.normalised_cross_entropy < 0
