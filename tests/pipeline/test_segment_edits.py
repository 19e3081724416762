"""Edits of one channel's cuts, and what each refuses."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values import CutKind, Segment, Span
from pipeline.segment_edits import Edge, Edit, EditRefused, EditRules, Placed, merge, move_edge, split

RULES = EditRules(duration_ms=20_000, longest_ms=12_000)


def tiling(*spans: tuple[int, int]) -> list[Placed[str]]:
    return [Placed("abcdefgh"[place], Segment(0, Span(*span))) for place, span in enumerate(spans)]


def spans(edit: Edit[str]) -> list[tuple[int, int]]:
    return [(segment.span.start_ms, segment.span.end_ms) for segment in edit.replacements]


TWO = tiling((1_000, 5_000), (5_000, 9_000))
APART = tiling((1_000, 5_000), (6_000, 9_000), (9_000, 15_000))


def test_a_split_keeps_the_outer_cuts_and_says_who_made_the_inner_one() -> None:
    placed = Placed("a", Segment(1, Span(1_000, 5_000), CutKind.QUIET, CutKind.HARD))
    edit = split([placed], "a", 2_000, RULES)
    assert edit.replaced == (placed,)
    assert edit.replacements == (
        Segment(1, Span(1_000, 2_000), CutKind.QUIET, CutKind.PERSON),
        Segment(1, Span(2_000, 5_000), CutKind.PERSON, CutKind.HARD),
    )


@pytest.mark.parametrize(("at_ms", "message"), [
    (1_000, r"\[1000, 5000\) ms cannot be split at 1000 ms: expected a moment within it"),
    (5_000, "expected a moment within it"),
    (-1, "expected a moment within it"),
    (1_199, r"\[1000, 1199\) ms would be 199 ms, the shortest is 200 ms"),
    (4_801, r"\[4801, 5000\) ms would be 199 ms, the shortest is 200 ms"),
])  # fmt: skip
def test_a_split_that_leaves_nothing_or_too_little_is_refused(at_ms: int, message: str) -> None:
    with pytest.raises(EditRefused, match=message):
        split(TWO, "a", at_ms, RULES)


def test_neighbours_merge_with_the_silence_between_them() -> None:
    edit = merge(APART, ["b", "a"], RULES)
    assert [placed.key for placed in edit.replaced] == ["a", "b"]
    assert spans(edit) == [(1_000, 9_000)]


@pytest.mark.parametrize(("keys", "message"), [
    (["a"], "at least two segments, got 1"),
    (["a", "a"], "at least two segments, got 1"),
    ([], "at least two segments, got 0"),
    (["a", "c"], r"\[6000, 9000\) ms lies between"),
    (["a", "x"], "there is no segment x here"),
    (["a", "b", "c"], "would be 14000 ms, the longest is 12000 ms"),
])  # fmt: skip
def test_what_cannot_be_merged_is_refused(keys: list[str], message: str) -> None:
    with pytest.raises(EditRefused, match=message):
        merge(APART, keys, RULES)


@pytest.mark.parametrize(("key", "edge"), [("a", Edge.END), ("b", Edge.START)])
def test_a_shared_edge_moves_for_both_whichever_is_named(key: str, edge: Edge) -> None:
    edit = move_edge(TWO, key, edge, to_ms=5_500, rules=RULES)
    assert [placed.key for placed in edit.replaced] == ["a", "b"]
    assert spans(edit) == [(1_000, 5_500), (5_500, 9_000)]
    assert edit.replacements[0].end_cut is edit.replacements[1].start_cut is CutKind.PERSON


def test_an_edge_beside_silence_takes_some_of_it_in() -> None:
    assert spans(move_edge(APART, "a", Edge.END, to_ms=6_000, rules=RULES)) == [(1_000, 6_000)]
    assert spans(move_edge(APART, "a", Edge.START, to_ms=0, rules=RULES)) == [(0, 5_000)]
    assert spans(move_edge(APART, "b", Edge.START, to_ms=5_000, rules=RULES)) == [(5_000, 9_000)]
    assert spans(move_edge(APART, "c", Edge.END, to_ms=20_000, rules=RULES)) == [(9_000, 20_000)]


@pytest.mark.parametrize(("key", "edge", "to_ms", "message"), [
    ("a", Edge.END, 6_001, "the next begins at 6000 ms"),
    ("b", Edge.START, 4_999, "the one before ends at 5000 ms"),
    ("a", Edge.START, -1, "the recording begins at 0 ms"),
    ("c", Edge.END, 20_001, "would leave the recording, which ends at 20000 ms"),
    ("a", Edge.END, 4_000, "no neighbour to take what would be left over, 1000 ms"),
    ("b", Edge.START, 7_000, "no neighbour to take what would be left over, 1000 ms"),
    ("a", Edge.END, 5_000, "is there already"),
    ("b", Edge.END, 9_000, "is at 9000 ms already"),
    ("b", Edge.END, 6_000, "one would be empty"),
    ("b", Edge.END, 15_000, "one would be empty"),
    ("b", Edge.END, 6_100, "would be 100 ms, the shortest is 200 ms"),
])  # fmt: skip
def test_an_edge_that_cannot_go_there_stays(key: str, edge: Edge, to_ms: int, message: str) -> None:
    with pytest.raises(EditRefused, match=message):
        move_edge(APART, key, edge, to_ms=to_ms, rules=RULES)


def test_what_was_too_long_already_may_still_be_edited() -> None:
    long = tiling((0, 16_000), (16_000, 20_500))
    assert spans(move_edge(long, "a", Edge.END, to_ms=15_000, rules=RULES)) == [(0, 15_000), (15_000, 20_500)]
    assert spans(split(long, "b", 18_000, RULES)) == [(16_000, 18_000), (18_000, 20_500)]


@given(st.lists(st.integers(0, 40), min_size=2, max_size=8, unique=True), st.data())
def test_an_edit_covers_what_it_replaces_and_touches_nothing_else(edges: list[int], data: st.DataObject) -> None:
    times = [edge * 500 for edge in sorted(edges)]
    tiles = tiling(*itertools.pairwise(times))
    key = data.draw(st.sampled_from([placed.key for placed in tiles]))
    at_ms = data.draw(st.integers(-1_000, 21_000))
    edge = data.draw(st.sampled_from(Edge))
    try:
        edit = split(tiles, key, at_ms, RULES) if data.draw(st.booleans()) else move_edge(
            tiles, key, edge, to_ms=at_ms, rules=RULES
        )  # fmt: skip
    except EditRefused:
        return
    made = spans(edit)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(made))
    assert made[0][0] <= edit.replaced[0].span.start_ms
    assert made[-1][1] >= edit.replaced[-1].span.end_ms
    kept = [placed.span for placed in tiles if placed not in edit.replaced]
    assert all(span.end_ms <= made[0][0] or span.start_ms >= made[-1][1] for span in kept)
