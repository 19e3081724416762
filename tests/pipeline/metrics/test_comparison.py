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
    assert found.p_value == pytest.approx(2 / 10_001)


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


def test_equal_outputs_give_no_p_value_but_a_reason() -> None:
    rng = random.Random(3)
    found = compare([paired(100, n, n) for n in (rng.randint(0, 50) for _ in range(20))])
    assert found.difference.value == 0.0
    assert found.difference.interval == NoInterval(NoIntervalReason.NO_SPREAD, 20)
    assert found.p_value is None


def test_blocks_are_brought_together_by_key() -> None:
    one, two = ErrorCounts(hits=1), ErrorCounts(hits=2)
    assert paired_blocks({"x": one, "y": two}, {"y": one}) == [PairedCounts(one), PairedCounts(two, one)]
    assert PairedCounts(one, two) + PairedCounts(two, one) == PairedCounts(one + two, two + one)


def test_differences_of_rates_are_exact_so_that_ties_are_ties() -> None:
    first, second = paired(10, 3, 1), paired(10, 4, 2)
    assert first.rate_difference == second.rate_difference
    assert 0.3 - 0.1 != 0.4 - 0.2
    assert PairedCounts().rate_difference is None
