"""Error counts as values."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metrics.count_table import UnpairedTexts, count, count_all
from pipeline.metrics.counts import ErrorCounts, total
from tests.pipeline.metrics.scored_pairs import TOKENS, unhurried

NUMBER = st.integers(0, 10_000)
COUNTS = st.builds(ErrorCounts, NUMBER, NUMBER, NUMBER, NUMBER)


@unhurried
@given(COUNTS, COUNTS, COUNTS)
def test_counts_add_in_any_order(a: ErrorCounts, b: ErrorCounts, c: ErrorCounts) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c) == sum([a, b, c]) == total([c, a, b])
    assert a + ErrorCounts() == a


@unhurried
@given(COUNTS)
def test_lengths_and_errors_follow_from_the_four_counts(counts: ErrorCounts) -> None:
    assert counts.n_ref + counts.insertions == counts.n_hyp + counts.deletions
    assert counts.n_errors + counts.hits == counts.n_ref + counts.insertions
    if counts.n_ref:
        assert counts.rate == counts.n_errors / counts.n_ref


@unhurried
@given(COUNTS)
def test_bounded_measures_keep_their_bounds(counts: ErrorCounts) -> None:
    for measure in (counts.match_error_rate, counts.word_information_preserved, counts.word_information_lost):
        assert measure is None or 0 <= measure <= 1
    assert (counts.match_error_rate is None) == (counts.n_ref == counts.n_hyp == 0)


def test_a_rate_may_exceed_one() -> None:
    assert count(["a"], ["a", "b", "c", "d"]).rate == 3.0
    assert count(["a"], ["a", "b", "c", "d"]).match_error_rate == 0.75


def test_an_empty_reference_has_no_rate_but_its_insertions_count_in_a_sum() -> None:
    silent, spoken = count([], ["बोल", "रहा"]), count(["घर", "है"], ["घर", "है"])
    assert silent.rate is None
    assert (silent + spoken).rate == 1.0


def test_two_empty_sides_have_no_measure_at_all() -> None:
    nothing = count([], [])
    assert nothing == ErrorCounts()
    assert nothing.rate is nothing.match_error_rate is nothing.word_information_lost is None
    assert nothing.is_right
    assert not nothing.is_hallucinated


def test_the_rate_of_a_sum_is_not_the_mean_of_rates() -> None:
    short, long = count(["a"], ["b"]), count(["a"] * 9, ["a"] * 9)
    assert (short.rate, long.rate) == (1.0, 0.0)
    assert (short + long).rate == 0.1


@pytest.mark.parametrize(
    ("reference", "hypothesis", "is_hallucinated"),
    [("", "a", True), ("a", "a b", False), ("a", "a b c", True), ("a b", "", False), ("", "", False)],
)
def test_text_on_silence_or_more_insertions_than_words_is_hallucinated(
    reference: str, hypothesis: str, *, is_hallucinated: bool
) -> None:
    assert count(reference.split(), hypothesis.split()).is_hallucinated is is_hallucinated


def test_counts_cannot_be_changed_or_negative_or_mixed_with_numbers() -> None:
    with pytest.raises(FrozenInstanceError):
        count(["a"], ["a"]).hits = 2  # type: ignore[misc]
    with pytest.raises(ValueError, match="at least 0"):
        ErrorCounts(hits=-1)
    with pytest.raises(TypeError):
        ErrorCounts() + 1  # type: ignore[operator]
    with pytest.raises(TypeError):
        1 + ErrorCounts()


@unhurried
@given(st.lists(st.tuples(TOKENS, TOKENS), max_size=12))
def test_a_table_is_its_rows_and_its_total_is_their_sum(pairs: list[tuple[list[str], list[str]]]) -> None:
    table = count_all([reference for reference, _ in pairs], [hypothesis for _, hypothesis in pairs])
    assert len(table) == len(pairs)
    assert list(table) == [count(*pair) for pair in pairs] == [table[i] for i in range(len(pairs))]
    assert table.total() == total(table)
    assert table.sentence_errors().n_cases == sum(not counts.is_right for counts in table)
    assert table.hallucinations().n_cases == sum(counts.is_hallucinated for counts in table)


@unhurried
@given(st.lists(st.tuples(TOKENS, TOKENS, st.sampled_from(["hi", "ta", "zh"])), max_size=12))
def test_groups_add_up_to_the_total(rows: list[tuple[list[str], list[str], str]]) -> None:
    table = count_all([row[0] for row in rows], [row[1] for row in rows])
    groups = table.by_group([row[2] for row in rows])
    assert list(groups) == list(dict.fromkeys(row[2] for row in rows))
    assert total(groups.values()) == table.total()
    for key, counts in groups.items():
        assert counts == total(count(*row[:2]) for row in rows if row[2] == key)


def test_sides_of_different_number_are_refused() -> None:
    with pytest.raises(UnpairedTexts, match="2 references and 1 hypotheses"):
        count_all([["a"], ["b"]], [["a"]])
    with pytest.raises(UnpairedTexts, match="1 keys for 2 segments"):
        count_all(["a", "b"], ["a", "b"]).by_group(["hi"])
