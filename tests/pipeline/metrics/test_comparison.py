"""Two systems on the same references."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.metrics.comparison import PairedCounts, compare, paired_blocks
from pipeline.metrics.counts import ErrorCounts
from pipeline.metrics.estimates import Interval, NoInterval, NoIntervalReason
from pipeline.metrics.resampling import Resampling

QUICK = Resampling(n_replicates=1_000)


def paired(n_ref: int, wrong_a: int, wrong_b: int) -> PairedCounts:
    a, b = (ErrorCounts(hits=n_ref - wrong, substitutions=wrong) for wrong in (wrong_a, wrong_b))
    return PairedCounts(a, b)


PAIRS = st.lists(
    st.builds(paired, st.integers(100, 500), st.integers(0, 99), st.integers(0, 99)), min_size=10, max_size=25
)


@settings(max_examples=40, deadline=None)
@given(PAIRS)
def test_swapping_the_systems_flips_the_difference(blocks: list[PairedCounts]) -> None:
    there = compare(blocks, resampling=QUICK)
    back = compare([PairedCounts(pair.b, pair.a) for pair in blocks], resampling=QUICK)
    assert there.difference.value is not None
    assert back.difference.value == -there.difference.value
    assert (there.a, there.b) == (back.b, back.a)
    if isinstance(there.difference.interval, Interval):
        assert isinstance(back.difference.interval, Interval)
        assert back.difference.interval.low == pytest.approx(-there.difference.interval.high, abs=0.03)


def test_a_consistent_difference_is_found_though_the_rates_themselves_overlap() -> None:
    rng = np.random.default_rng(1)
    wrong = rng.binomial(500, rng.beta(2, 8, 40))
    found = compare([paired(500, int(n), max(0, int(n) - int(rng.integers(0, 11)))) for n in wrong])
    assert isinstance(found.a.interval, Interval)
    assert isinstance(found.b.interval, Interval)
    assert found.a.interval.low < found.b.interval.high
    assert isinstance(found.difference.interval, Interval)
    assert found.difference.interval.low > 0
    assert found.probability_a_worse == 1.0
    assert found.p_value is not None
    assert 2.0**-39 <= found.p_value < 1e-6


def test_p_values_of_equal_systems_are_spread_evenly() -> None:
    """150 comparisons of systems that differ by chance alone: near 5 % fall below 0.05, near half below 0.5."""
    rng = np.random.default_rng(2)
    p_values = []
    for _ in range(150):
        rates = rng.beta(2, 8, 30)
        blocks = [paired(300, *rng.binomial(300, rate, 2).tolist()) for rate in rates]
        p_value = compare(blocks, resampling=Resampling(n_replicates=300)).p_value
        assert p_value is not None
        p_values.append(p_value)
    assert 1 <= sum(p < 0.05 for p in p_values) <= 18
    assert 55 <= sum(p < 0.5 for p in p_values) <= 95


def test_few_speakers_give_a_difference_without_interval_and_p_value() -> None:
    found = compare([paired(100, 20, 10)] * 9)
    assert found.difference.value == pytest.approx(0.1)
    assert found.difference.interval == NoInterval(NoIntervalReason.FEW_BLOCKS, 9)
    assert found.p_value is found.probability_a_worse is None


@pytest.mark.parametrize(("n_speakers", "most_found"), [(10, 30), (15, 30), (30, 28)])
def test_equal_systems_are_told_apart_hardly_more_often_than_claimed(n_speakers: int, most_found: int) -> None:
    """300 comparisons of equal systems on speakers of very different length: p < 0.05 is claimed for 15 of them."""
    rng = np.random.default_rng(100 + n_speakers)
    n_found = 0
    for _ in range(300):
        n_words = np.maximum(20, rng.lognormal(5.5, 0.8, n_speakers)).astype(int)
        rates = rng.beta(2, 8, n_speakers)
        wrong = [rng.binomial(n_words, 0.7 * rates + 0.3 * rng.beta(2, 8, n_speakers)) for _ in "ab"]
        blocks = [paired(*map(int, row)) for row in zip(n_words, *wrong, strict=True)]
        p_value = compare(blocks, resampling=QUICK).p_value
        assert p_value is not None
        n_found += p_value < 0.05
    assert n_found <= most_found


def test_the_p_value_is_below_the_level_where_the_interval_leaves_zero_out() -> None:
    rng = np.random.default_rng(9)
    for _ in range(60):
        wrong = rng.binomial(200, 0.2, (12, 2))
        found = compare([paired(200, int(a), int(b) // 2) for a, b in wrong], resampling=QUICK)
        assert isinstance(found.difference.interval, Interval)
        assert found.p_value is not None
        if not 0.03 < found.p_value < 0.07:
            is_outside = not found.difference.interval.low <= 0 <= found.difference.interval.high
            assert is_outside == (found.p_value < 0.05)


def test_a_difference_that_no_resample_denies_can_bear_a_correction_over_all_dialects() -> None:
    """264 dialects: two in ten thousand draws would be 0.05 and more after Holm."""
    blocks = [paired(300, 60 + n % 7, 30 + n % 5) for n in range(20)]
    found = compare(blocks)
    assert found.p_value is not None
    assert 2.0**-19 <= found.p_value < 0.05 / 264


def test_ten_speakers_never_say_more_than_that_all_point_one_way() -> None:
    assert compare([paired(300, 90 + n, 10) for n in range(10)]).p_value == 2.0**-9
    assert compare([paired(300, 90, 10)] * 10).p_value == 2.0**-9


def test_equal_outputs_have_a_p_value_of_one_and_a_reason_for_no_interval() -> None:
    rng = random.Random(3)
    found = compare([paired(100, n, n) for n in (rng.randint(0, 50) for _ in range(20))])
    assert found.difference.value == 0.0
    assert found.difference.interval == NoInterval(NoIntervalReason.NO_SPREAD, 20)
    assert found.p_value == 1.0


def test_blocks_are_brought_together_by_key() -> None:
    one, two = ErrorCounts(hits=1), ErrorCounts(hits=2)
    assert paired_blocks({"x": one, "y": two}, {"y": one}) == [PairedCounts(one), PairedCounts(two, one)]
    assert PairedCounts(one, two) + PairedCounts(two, one) == PairedCounts(one + two, two + one)


def test_differences_of_rates_are_exact_so_that_ties_are_ties() -> None:
    first, second = paired(10, 3, 1), paired(10, 4, 2)
    assert first.rate_difference == second.rate_difference
    assert 0.3 - 0.1 != 0.4 - 0.2
    assert PairedCounts().rate_difference is None
