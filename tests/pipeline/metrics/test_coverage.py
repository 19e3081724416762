"""What a collection holds and lacks."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metrics.counts import ErrorCounts
from pipeline.metrics.coverage import (
    Cell,
    CellCoverage,
    CoveredSegment,
    Field,
    Stage,
    cell_coverage,
    coverage,
    filled_cells,
    quality_weighted_ms,
    target_attainment,
)
from pipeline.metrics.dialect_spread import dialect_spread
from pipeline.metrics.diversity import effective_number, inverse_simpson, top_share, total_variation
from pipeline.metrics.novelty import novelty, unique_prompts
from pipeline.metrics.proportions import Proportion
from tests.pipeline.metrics.scored_pairs import unhurried

MAYBE = st.sampled_from([None, "", "x", "y", "z"])
SEGMENTS = st.lists(
    st.builds(CoveredSegment, st.integers(1, 30_000), st.sampled_from(Stage), MAYBE, MAYBE, MAYBE, MAYBE, MAYBE, MAYBE),
    max_size=12,
)
AMOUNTS = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=10)


@unhurried
@given(SEGMENTS)
def test_figures_cannot_contradict_each_other(segments: list[CoveredSegment]) -> None:
    found = coverage(segments)
    durations = [found.duration_ms[stage] for stage in Stage]
    assert durations == sorted(durations, reverse=True)
    assert durations[0] == sum(segment.duration_ms for segment in segments)
    assert set(found.completeness) == set(Field)
    assert all(known.n_all == durations[0] for known in found.completeness.values())
    assert sum(found.dialect_ms.values()) == found.completeness[Field.DIALECT].n_cases
    assert (found.n_speakers == 0) == (found.top_speaker_share is None) == (found.effective_speakers is None)
    if found.effective_speakers is not None and found.top_speaker_share is not None:
        assert 1 - 1e-9 <= found.effective_speakers <= found.n_speakers + 1e-9
        assert found.effective_speakers <= 1 / found.top_speaker_share**2 + 1e-9


def test_a_collection_by_hand() -> None:
    segments = [
        CoveredSegment(1_800_000, Stage.RELEASED, "s1", "hi", "p1", "Gaya", "female", "18-29"),
        CoveredSegment(1_800_000, Stage.REVIEWED, "s1", "hi", "p2", "Gaya", None, "30-44"),
        CoveredSegment(3_600_000, Stage.TRANSCRIBED, "s2", "bho", "p1", "Siwan", "female", ""),
        CoveredSegment(7_200_000, Stage.RECORDED),
    ]
    found = coverage(segments)
    assert [found.hours(stage) for stage in Stage] == [4.0, 2.0, 1.0, 0.5]
    assert (found.n_segments, found.n_sessions, found.n_speakers, found.n_districts) == (4, 2, 2, 2)
    assert found.dialect_ms == {"hi": 3_600_000, "bho": 3_600_000}
    assert found.effective_dialects == pytest.approx(2.0)
    assert found.top_speaker_share == 0.75
    assert found.effective_speakers == pytest.approx(1 / (0.75**2 + 0.25**2))
    assert {field: known.rate for field, known in found.completeness.items()} == {
        Field.DIALECT: 0.5,
        Field.SPEAKER: 0.5,
        Field.DISTRICT: 0.5,
        Field.GENDER: 0.375,
        Field.AGE_BAND: 0.25,
    }


def test_cells_that_nobody_fills_are_shown_and_unknown_people_fill_none() -> None:
    young, old = Cell("hi", "female", "18-29"), Cell("hi", "male", "60+")
    segments = [
        CoveredSegment(1_000, Stage.RECORDED, None, "hi", "p1", None, "female", "18-29"),
        CoveredSegment(2_000, Stage.RECORDED, None, "hi", "p1", None, "female", "18-29"),
        CoveredSegment(4_000, Stage.RECORDED, None, "hi", None, None, "female", "18-29"),
        CoveredSegment(8_000, Stage.RECORDED, None, "hi", "p2", None, None, "18-29"),
    ]
    found = cell_coverage(segments, [young, old])
    assert found == [CellCoverage(young, 1, 7_000), CellCoverage(old, 0, 0)]
    assert filled_cells(found) == Proportion(1, 2)
    assert filled_cells(found, least_speakers=2) == Proportion(0, 2)
    assert filled_cells(found, least_ms=7_001) == Proportion(0, 2)


def test_more_of_one_dialect_makes_up_for_nothing_in_another() -> None:
    found = target_attainment({"hi": 500, "mr": 30, "xx": 9}, {"hi": 100, "mr": 60, "bho": 10})
    assert found.shares == {"hi": 1.0, "mr": 0.5, "bho": 0.0}
    assert found.mean == 0.5
    assert found.reached == Proportion(1, 3)
    assert target_attainment({}, {}).mean is None
    with pytest.raises(ValueError, match="'hi': 0"):
        target_attainment({}, {"hi": 0})


def test_hill_numbers_have_their_known_values() -> None:
    assert effective_number([5, 5, 5, 5]) == pytest.approx(4)
    assert inverse_simpson([5, 5, 5, 5]) == pytest.approx(4)
    assert effective_number([1, 1, 2]) == pytest.approx(math.exp(1.5 * math.log(2)))
    assert inverse_simpson([1, 1, 2]) == pytest.approx(1 / 0.375)
    assert effective_number([]) is inverse_simpson([0, 0]) is top_share([]) is None
    with pytest.raises(ValueError, match="at least 0"):
        top_share([-1, 2])


@unhurried
@given(AMOUNTS)
def test_diversity_lies_between_one_and_the_number_of_kinds(amounts: list[float]) -> None:
    first, second, top = effective_number(amounts), inverse_simpson(amounts), top_share(amounts)
    assert first is not None
    assert second is not None
    assert top is not None
    assert 1 - 1e-9 <= 1 / top - 1e-9 <= second + 1e-6
    assert second <= first * (1 + 1e-9)
    assert first <= len(amounts) * (1 + 1e-9)
    assert effective_number([*amounts, 0.0]) == pytest.approx(first)


@unhurried
@given(st.dictionaries(st.sampled_from("abcd"), st.floats(0.1, 100), min_size=1))
def test_total_variation_is_none_of_oneself_and_all_of_a_stranger(amounts: dict[str, float]) -> None:
    assert total_variation(amounts, {kind: 3 * amount for kind, amount in amounts.items()}) == pytest.approx(0)
    assert total_variation(amounts, {"e": 1.0}) == pytest.approx(1)
    assert total_variation(amounts, {}) is None


def test_total_variation_is_the_share_that_would_have_to_move() -> None:
    assert total_variation({"hi": 70, "bho": 30}, {"hi": 0.5, "bho": 0.3, "mai": 0.2}) == pytest.approx(0.2)


def test_new_words_are_counted_as_running_and_as_different_words() -> None:
    found = novelty([["वह", "घर"], ["नया", "नया", "घर"], []], {"वह", "घर"}, duration_ms=1_800_000)
    assert (found.unknown_words, found.n_new_types, found.new_types_per_hour) == (Proportion(2, 5), 1, 2.0)
    assert novelty([], set(), duration_ms=0).unknown_words.rate is None
    assert novelty([], set(), duration_ms=0).new_types_per_hour is None


def test_text_of_nothing_but_errors_is_worth_no_time() -> None:
    assert quality_weighted_ms(1_000, 0.1) == 900
    assert quality_weighted_ms(1_000, 1.7) == 0


def test_a_large_dialect_does_not_hide_a_bad_one() -> None:
    counts = {
        "hi": ErrorCounts(hits=9_000, substitutions=1_000),
        "bho": ErrorCounts(hits=50, deletions=50),
        "silent": ErrorCounts(insertions=4),
    }
    found = dialect_spread(counts)
    assert found is not None
    assert (found.n_dialects, found.worst, found.worst_rate, found.best_rate) == (2, "bho", 0.5, 0.1)
    assert found.macro_rate == pytest.approx(0.3)
    assert found.gap == pytest.approx(0.4)
    assert dialect_spread({"silent": counts["silent"]}) is None


def test_prompts_that_come_again_lower_the_share_of_unique_ones() -> None:
    assert unique_prompts(["a", "b", "a", None, "c"]).rate == 3 / 4
    assert unique_prompts([None]).rate is None
