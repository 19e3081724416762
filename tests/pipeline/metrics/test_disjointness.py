"""A test set that a model was trained on is found and refused."""

from __future__ import annotations

import pytest

from pipeline.metrics.disjointness import SeenInTraining, check_disjoint, overlap

TEST = [("u1", "s1"), ("u2", "s2"), ("u3", None)]


def test_a_test_set_of_other_segments_and_speakers_passes() -> None:
    found = overlap(TEST, trained_segments={"u9"}, trained_speakers={"s9"})
    assert found.is_clean
    check_disjoint(found)


def test_shared_segments_and_speakers_are_counted_and_named() -> None:
    found = overlap(TEST, trained_segments={"u3", "u9"}, trained_speakers={"s1", "s2"})
    assert (found.segments, found.speakers) == (frozenset({"u3"}), frozenset({"s1", "s2"}))
    message = r"shares 1 segment \(the first is 'u3'\) and 2 speakers \(the first is 's1'\) with a training set"
    with pytest.raises(SeenInTraining, match=message):
        check_disjoint(found)


def test_an_unknown_speaker_is_nobody_in_particular() -> None:
    assert overlap([("u1", None)], trained_segments=set(), trained_speakers={"s1"}).is_clean
