"""What correcting costs, and what drafts save."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metrics.effort import Work, active_ms, effort, gain_over_typing, rework_share
from pipeline.metrics.estimates import Interval, NoInterval, NoIntervalReason
from pipeline.metrics.proportions import Proportion
from tests.pipeline.metrics.scored_pairs import unhurried


def test_long_pauses_are_no_work() -> None:
    assert active_ms([0, 10_000, 40_000, 70_001, 71_001]) == 10_000 + 30_000 + 1_000
    assert active_ms([5_000, 0, 2_000]) == 5_000
    assert active_ms([7]) == active_ms([]) == 0
    assert active_ms([0, 8_000, 9_000], idle_ms=5_000) == 1_000


@unhurried
@given(st.lists(st.integers(0, 10_000_000), max_size=30))
def test_active_time_never_exceeds_the_time_that_passed(times_ms: list[int]) -> None:
    passed_ms = max(times_ms, default=0) - min(times_ms, default=0)
    assert 0 <= active_ms(times_ms) <= passed_ms == active_ms(times_ms, idle_ms=10_000_000)


def test_factors_come_from_sums_over_people() -> None:
    blocks = [Work(60_000, 15_000, 200, 20, 250), Work(10_000, 20_000, 10, 0, 250)]
    found = effort(blocks)
    assert found.real_time_factor.value == 2.0
    assert found.keystrokes_per_character.value == 0.42
    assert found.actions_per_character.value == 0.46
    assert found.real_time_factor.interval == NoInterval(NoIntervalReason.FEW_BLOCKS, 2)
    assert sum(blocks) == Work(70_000, 35_000, 210, 20, 500)
    assert sum(blocks, start=Work()).audio_minutes_per_hour == 30.0
    assert Work().audio_minutes_per_hour is None


def test_the_gain_is_the_quotient_of_the_two_factors_with_an_interval() -> None:
    typed = {f"person {i}": Work(active_ms=60_000 + 900 * i, audio_ms=10_000) for i in range(12)}
    corrected = {f"person {i}": Work(active_ms=30_000 + 500 * i, audio_ms=10_000) for i in range(15)}
    found = gain_over_typing(typed, corrected)
    assert found.value == pytest.approx((60_000 + 900 * 5.5) / (30_000 + 500 * 7))
    assert found.value is not None
    assert isinstance(found.interval, Interval)
    assert found.interval.low < found.value < found.interval.high
    assert found.n_blocks == 12
    assert gain_over_typing({}, corrected).value is None


def test_edits_per_minute_come_from_sums_and_need_work() -> None:
    both = Work(active_ms=90_000, n_edits=20) + Work(active_ms=30_000, n_edits=4)
    assert both.edits_per_minute == 12.0
    assert Work(n_edits=3).edits_per_minute is None


def test_rework_is_the_share_of_begun_segments_that_came_back() -> None:
    assert rework_share([1, 1, 2, 3, 0]) == Proportion(2, 4)
    assert rework_share([0]).rate is None
