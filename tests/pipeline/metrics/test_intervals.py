"""Intervals: what they hold, when they are refused, how often they are right."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.metrics import student
from pipeline.metrics.counts import ErrorCounts, total
from pipeline.metrics.estimates import Interval, IntervalMethod, NoInterval, NoIntervalReason
from pipeline.metrics.intervals import estimate, estimate_quotient
from pipeline.metrics.proportions import Proportion, share_of
from pipeline.metrics.resampling import (
    FloatArray,
    Resampling,
    block_of,
    contracted_tail,
    expanded_tail,
    interval,
)

QUICK = Resampling(n_replicates=1_000)
PERCENTILE = Resampling(method=IntervalMethod.PERCENTILE)
QUICK_BCA = Resampling(n_replicates=1_000, method=IntervalMethod.BCA)
BLOCKS = st.lists(
    st.builds(ErrorCounts, st.integers(40, 400), st.integers(0, 60), st.integers(0, 20), st.integers(0, 20)),
    min_size=10,
    max_size=40,
)


def speakers(n_speakers: int, rng: np.random.Generator, *, n_words: int = 500) -> list[ErrorCounts]:
    """Speakers whose own error rates scatter as Beta(2, 8): 20 % in the mean."""
    wrong = rng.binomial(n_words, rng.beta(2, 8, n_speakers))
    return [ErrorCounts(hits=n_words - int(n), substitutions=int(n)) for n in wrong]


def held(result: Interval | NoInterval) -> Interval:
    assert isinstance(result, Interval)
    return result


@settings(max_examples=50, deadline=None)
@given(BLOCKS, st.sampled_from([QUICK, QUICK_BCA]))
def test_an_interval_holds_its_own_estimate(blocks: list[ErrorCounts], resampling: Resampling) -> None:
    found = estimate(blocks, resampling=resampling)
    assert found.value == total(blocks).rate
    assert (found.n, found.n_blocks) == (total(blocks).n_ref, len(blocks))
    assume(isinstance(found.interval, Interval))
    assert found.value is not None
    assert held(found.interval).low <= found.value <= held(found.interval).high


@settings(max_examples=20, deadline=None)
@given(BLOCKS, st.randoms())
def test_the_order_of_speakers_changes_nothing(blocks: list[ErrorCounts], order: random.Random) -> None:
    shuffled = list(blocks)
    order.shuffle(shuffled)
    assert estimate(blocks, resampling=QUICK) == estimate(shuffled, resampling=QUICK)


def test_the_same_seed_gives_the_same_interval_and_another_seed_nearly_the_same() -> None:
    blocks = speakers(50, np.random.default_rng(1))
    first = held(estimate(blocks).interval)
    assert first == estimate(blocks).interval
    other = held(estimate(blocks, resampling=Resampling(seed=2)).interval)
    assert other != first
    assert other.low == pytest.approx(first.low, abs=0.003)
    assert other.high == pytest.approx(first.high, abs=0.003)


def test_below_ten_speakers_there_is_a_reason_in_the_place_of_an_interval() -> None:
    blocks = speakers(10, np.random.default_rng(2))
    refused = estimate(blocks[:9])
    assert refused.value == total(blocks[:9]).rate
    assert refused.interval == NoInterval(NoIntervalReason.FEW_BLOCKS, 9)
    assert "9 speakers or recordings; an interval needs at least 10" in refused.interval.explanation
    assert held(estimate(blocks).interval).n_blocks == 10


def test_speakers_who_said_nothing_do_not_make_up_the_ten() -> None:
    blocks = [*speakers(9, np.random.default_rng(2)), *[ErrorCounts(insertions=1)] * 20]
    assert estimate(blocks).interval == NoInterval(NoIntervalReason.FEW_BLOCKS, 9)


def test_nothing_to_divide_by_gives_neither_figure_nor_interval() -> None:
    for blocks in ([], [ErrorCounts(insertions=3)] * 12):
        found = estimate(blocks)
        assert found.value is None
        assert found.interval == NoInterval(NoIntervalReason.EMPTY, 0)


def test_no_error_at_all_does_not_claim_certainty() -> None:
    found = estimate([ErrorCounts(hits=100)] * 30)
    assert found.value == 0.0
    assert found.interval == NoInterval(NoIntervalReason.NO_SPREAD, 30)


def test_bca_equals_percentile_where_errors_are_symmetric() -> None:
    blocks = [ErrorCounts(hits=100 - n, substitutions=n) for n in range(10, 51)]
    plain = held(estimate(blocks, resampling=PERCENTILE).interval)
    corrected = held(estimate(blocks, resampling=Resampling(method=IntervalMethod.BCA)).interval)
    assert corrected.low == pytest.approx(plain.low, abs=0.002)
    assert corrected.high == pytest.approx(plain.high, abs=0.002)


def test_bca_equals_percentile_where_many_resamples_equal_the_estimate() -> None:
    blocks = [ErrorCounts(hits=99, substitutions=1)] * 5 + [ErrorCounts(hits=100)] * 5
    plain = held(estimate(blocks, resampling=PERCENTILE).interval)
    corrected = held(estimate(blocks, resampling=Resampling(method=IntervalMethod.BCA)).interval)
    assert (corrected.low, corrected.high) == (plain.low, plain.high) == pytest.approx((0.002, 0.008))


def test_bca_moves_towards_the_long_tail() -> None:
    blocks = [ErrorCounts(hits=200 - n * n, substitutions=n * n) for n in range(1, 14)]
    plain = held(estimate(blocks, resampling=PERCENTILE).interval)
    corrected = held(estimate(blocks, resampling=Resampling(method=IntervalMethod.BCA)).interval)
    assert corrected.low > plain.low
    assert corrected.high > plain.high


def test_bca_agrees_with_a_published_example() -> None:
    """Efron & Tibshirani 1993, table 14.2: the BCa interval of the variance of A in the spatial test data."""
    a = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41]

    def variance(sums: FloatArray) -> FloatArray:
        return np.asarray(sums[:, 0] / sums[:, 1] - (sums[:, 2] / sums[:, 3]) ** 2)

    sums = np.array([(value**2, 1, value, 1) for value in a], dtype=np.float64)
    percentile = held(interval(variance, sums, resampling=Resampling(level=0.9, method=IntervalMethod.PERCENTILE)))
    bca = held(interval(variance, sums, resampling=Resampling(level=0.9, method=IntervalMethod.BCA)))
    assert (percentile.low, percentile.high) == pytest.approx((100.8, 233.9), rel=0.03)
    assert (bca.low, bca.high) == pytest.approx((115.8, 259.6), rel=0.03)


def test_speaker_blocks_cover_the_truth_as_often_as_they_claim_and_utterances_do_not() -> None:
    """200 samples of 40 speakers with 20 utterances each; the true rate is 20 %."""
    rng = np.random.default_rng(7)
    n_held = {"speakers": 0, "utterances": 0}
    for _ in range(200):
        wrong = rng.binomial(25, np.repeat(rng.beta(2, 8, 40), 20))
        utterances = [ErrorCounts(hits=25 - int(n), substitutions=int(n)) for n in wrong]
        by_speaker = [total(utterances[i : i + 20]) for i in range(0, 800, 20)]
        for name, blocks in (("speakers", by_speaker), ("utterances", utterances)):
            found = held(estimate(blocks, resampling=Resampling(n_replicates=400)).interval)
            n_held[name] += found.low <= 0.2 <= found.high
    assert n_held["speakers"] >= 180
    assert n_held["utterances"] <= 100


@pytest.mark.parametrize(("n_speakers", "least_held"), [(10, 262), (15, 268), (30, 270)])
def test_few_speakers_of_different_length_are_covered_nearly_as_often_as_claimed(
    n_speakers: int, least_held: int
) -> None:
    """300 samples, of which 285 are claimed; the plain percentile interval holds the truth in some 263, 270 and 274."""
    rng = np.random.default_rng(n_speakers)
    n_held = {IntervalMethod.EXPANDED: 0, IntervalMethod.PERCENTILE: 0}
    for _ in range(300):
        n_words = np.maximum(20, rng.lognormal(5.5, 0.8, n_speakers)).astype(int)
        wrong = rng.binomial(n_words, rng.beta(2, 8, n_speakers))
        blocks = [ErrorCounts(int(n - k), int(k)) for n, k in zip(n_words, wrong, strict=True)]
        for method in n_held:
            found = held(estimate(blocks, resampling=Resampling(n_replicates=1_000, method=method)).interval)
            n_held[method] += found.low <= 0.2 <= found.high
    assert n_held[IntervalMethod.EXPANDED] >= least_held
    assert n_held[IntervalMethod.EXPANDED] > n_held[IntervalMethod.PERCENTILE]


def test_an_interval_of_many_speakers_is_hardly_expanded() -> None:
    blocks = speakers(2_000, np.random.default_rng(12))
    plain, expanded = held(estimate(blocks, resampling=PERCENTILE).interval), held(estimate(blocks).interval)
    assert plain.width < expanded.width < 1.005 * plain.width
    assert expanded.method is IntervalMethod.EXPANDED


@pytest.mark.parametrize(
    ("n_free", "t"),
    [(9, 2.262157), (14, 2.144787), (29, 2.045230), (100, 1.983972), (1_000, 1.962339), (5_000, 1.960439)],
)
def test_students_t_has_the_values_of_the_tables(n_free: int, t: float) -> None:
    assert student.quantile(0.975, n_free) == pytest.approx(t, abs=2e-5)
    assert student.upper_tail(t, n_free) == pytest.approx(0.025, abs=1e-6)


@pytest.mark.parametrize(("n_free", "t", "tail"), [(1, 63.6567, 0.005), (2, 4.302653, 0.025), (3, 10.2145, 0.001)])
def test_students_t_is_exact_for_few_degrees_of_freedom(n_free: int, t: float, tail: float) -> None:
    assert student.upper_tail(t, n_free) == pytest.approx(tail, rel=1e-5)
    assert student.upper_tail(0.0, n_free) == pytest.approx(0.5)


@pytest.mark.parametrize("n_blocks", [10, 11, 40, 3_000])
def test_a_tail_that_was_expanded_contracts_to_what_it_was(n_blocks: int) -> None:
    for tail in (0.3, 0.025, 0.001):
        assert contracted_tail(expanded_tail(tail, n_blocks), n_blocks) == pytest.approx(tail, rel=0.01)


def test_ten_thousand_replicates_of_two_hundred_speakers_take_a_fraction_of_a_second() -> None:
    blocks = speakers(200, np.random.default_rng(3))
    started = time.process_time()
    estimate(blocks)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("most_words", [20, 100_000])
def test_many_blocks_have_the_interval_of_large_samples(most_words: int) -> None:
    """Speakers alike in their counts, or all different: 1.96 standard errors of a ratio on either side."""
    rng = np.random.default_rng(9)
    n_ref = rng.integers(1, most_words, 3_000)
    wrong = rng.binomial(n_ref, rng.beta(2, 8, 3_000))
    blocks = [ErrorCounts(hits=int(n - k), substitutions=int(k)) for n, k in zip(n_ref, wrong, strict=True)]
    rate = wrong.sum() / n_ref.sum()
    margin = 1.96 * np.sqrt(((wrong - rate * n_ref) ** 2).sum()) / n_ref.sum()
    found = held(estimate(blocks).interval)
    assert found.low == pytest.approx(rate - margin, abs=0.06 * margin)
    assert found.high == pytest.approx(rate + margin, abs=0.06 * margin)
    assert found == estimate(blocks[::-1]).interval


def test_a_hundred_thousand_short_recordings_take_little_longer_than_a_few_speakers() -> None:
    rng = np.random.default_rng(10)
    n_ref = rng.integers(1, 20, 100_000)
    blocks = [ErrorCounts(int(n - k), int(k)) for n, k in zip(n_ref, rng.binomial(n_ref, 0.2), strict=True)]
    started = time.process_time()
    estimate(blocks)
    assert time.process_time() - started < 3


def test_a_quotient_of_rates_has_an_interval_too() -> None:
    slow, fast = speakers(40, np.random.default_rng(4)), speakers(40, np.random.default_rng(5))
    found = estimate_quotient(slow, fast)
    slow_rate, fast_rate = total(slow).rate, total(fast).rate
    assert slow_rate is not None
    assert fast_rate is not None
    assert found.value == pytest.approx(slow_rate / fast_rate)
    assert held(found.interval).low < slow_rate / fast_rate < held(found.interval).high


def test_an_unknown_speaker_is_the_recording() -> None:
    assert block_of(speaker="7", recording="r") == block_of(speaker="7", recording="s")
    assert (
        block_of(speaker=None, recording="7")
        == block_of(speaker="", recording="7")
        != block_of(speaker="7", recording="7")
    )


@pytest.mark.parametrize(
    ("n_cases", "n_all", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilson_intervals_are_the_published_ones(n_cases: int, n_all: int, low: float, high: float) -> None:
    """The last row is of Newcombe, Statistics in Medicine 17 (1998), table I."""
    found = held(Proportion(n_cases, n_all).wilson_interval())
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


def test_proportions_add_and_refuse_what_cannot_be() -> None:
    assert sum([Proportion(1, 2), Proportion(0, 3)], start=Proportion()) == Proportion(1, 5)
    assert share_of([True, False, True]) == Proportion(2, 3)
    assert Proportion().rate is None
    assert Proportion().wilson_interval() == NoInterval(NoIntervalReason.EMPTY, 0)
    with pytest.raises(ValueError, match="n_cases <= n_all"):
        Proportion(3, 2)


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="n_replicates >= 1"):
        Resampling(n_replicates=0)
    with pytest.raises(ValueError, match=r"a level in \(0, 1\)"):
        Resampling(level=1.0)
    with pytest.raises(ValueError, match="expected expanded_percentile, percentile or bca"):
        Resampling(method=IntervalMethod.WILSON)
