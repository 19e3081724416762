"""Tasks of two to five minutes out of whatever recordings there are."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.task_groups import TaskRules, WaitingRecording, WaitingSegment, group_into_tasks

RULES = TaskRules()
durations = st.lists(st.integers(500, 30_000), max_size=120)
recordings = st.lists(st.tuples(st.sampled_from([None, "a", "b"]), durations), max_size=25)


def recording(name: str, *durations_ms: int, speaker: str | None = None) -> WaitingRecording[tuple[str, int]]:
    return WaitingRecording(
        speaker, tuple(WaitingSegment((name, place), duration) for place, duration in enumerate(durations_ms))
    )


def lengths(groups: tuple[tuple[WaitingSegment[tuple[str, int]], ...], ...]) -> list[int]:
    return [sum(segment.duration_ms for segment in group) for group in groups]


@given(recordings)
@settings(max_examples=300)
def test_each_segment_lies_in_one_group_and_full_groups_hold_two_to_five_minutes(
    sizes: list[tuple[str | None, list[int]]],
) -> None:
    waiting = [recording(str(name), *of_one, speaker=speaker) for name, (speaker, of_one) in enumerate(sizes)]
    groups = group_into_tasks(waiting, RULES)
    placed = [segment.key for group in (*groups.full, *groups.small) for segment in group]
    assert sorted(placed) == sorted(segment.key for each in waiting for segment in each.segments)
    assert all(120_000 <= length <= 300_000 for length in lengths(groups.full))
    assert all(0 < length < 120_000 for length in lengths(groups.small))


@given(recordings)
def test_a_group_has_one_speaker_and_runs_of_a_recording_stay_in_order(
    sizes: list[tuple[str | None, list[int]]],
) -> None:
    waiting = [recording(str(name), *of_one, speaker=speaker) for name, (speaker, of_one) in enumerate(sizes)]
    speaker_of = {segment.key: each.speaker for each in waiting for segment in each.segments}
    groups = group_into_tasks(waiting, RULES)
    for group in (*groups.full, *groups.small):
        assert len({speaker_of[segment.key] for segment in group}) == 1
        for _, run in itertools.groupby((segment.key for segment in group), key=lambda key: key[0]):
            places = [place for _, place in run]
            assert places == list(range(places[0], places[0] + len(places)))


@given(recordings)
def test_at_most_one_small_group_is_left_of_each_speaker(sizes: list[tuple[str | None, list[int]]]) -> None:
    waiting = [recording(str(name), *of_one, speaker=speaker) for name, (speaker, of_one) in enumerate(sizes)]
    assert len(group_into_tasks(waiting, RULES).small) <= len({speaker for speaker, _ in sizes})


@pytest.mark.parametrize(("minutes", "n_tasks"), [(2, 1), (4, 1), (4.6, 2), (9, 2), (9.2, 3), (60, 14), (600, 134)])
def test_a_long_recording_becomes_as_few_even_runs_as_fit(minutes: float, n_tasks: int) -> None:
    groups = group_into_tasks([recording("long", *[6_000] * int(minutes * 10))], RULES)
    assert len(groups.full) == n_tasks
    assert groups.small == ()
    assert max(lengths(groups.full)) - min(lengths(groups.full)) <= 12_000


def test_short_recordings_that_fit_together_make_one_task() -> None:
    waiting = [recording(str(name), 30_000, 30_000) for name in range(5)]
    assert lengths(group_into_tasks(waiting, RULES).full) == [300_000]


def test_a_recording_without_speech_makes_no_group() -> None:
    groups = group_into_tasks([recording("silent")], RULES)
    assert (groups.full, groups.small) == ((), ())
