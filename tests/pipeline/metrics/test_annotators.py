"""First passes judged by reviewed text."""

from __future__ import annotations

import pytest
from hypothesis import given

from pipeline.metrics.annotators import CorrectionCounts, correction_counts, correction_quality
from pipeline.metrics.count_table import count
from tests.pipeline.metrics.scored_pairs import TOKENS, unhurried


def counts_of(draft: str, first_pass: str, reviewed: str) -> CorrectionCounts:
    return correction_counts(draft=draft.split(), first_pass=first_pass.split(), reviewed=reviewed.split())


@pytest.mark.parametrize(
    ("draft", "first_pass", "reviewed", "removed", "changes", "kept", "spoiled"),
    [
        ("a x c d", "a b c d", "a b c d", 1, 1, 1, 0),
        ("a x c y", "a b c y", "a b c d", 1, 1, 1, 0),
        ("a b c d", "a b x d", "a b c d", 0, 1, 0, 1),
        ("a x c d", "a y c d", "a b c d", 0, 1, 0, 0),
        ("a b x c d", "a b c d", "a b c d", 1, 1, 1, 0),
        ("a b c d", "a c d", "a b c d", 0, 1, 0, 1),
        ("a c d", "a b c d", "a b c d", 1, 1, 1, 0),
        ("a c d", "a b c d", "a c d", 0, 1, 0, 0),
        ("a x c y e", "a b c d z", "a b c d e", 2, 3, 2, 1),
        ("", "a b", "a b", 2, 2, 2, 0),
        ("a b", "", "", 2, 2, 2, 0),
        ("", "", "", 0, 0, 0, 0),
    ],
)
def test_changes_are_judged_one_by_one(
    draft: str, first_pass: str, reviewed: str, removed: int, changes: int, kept: int, spoiled: int
) -> None:
    counts = counts_of(draft, first_pass, reviewed)
    assert counts.n_errors_removed == removed
    assert (counts.n_changes, counts.n_changes_kept) == (changes, kept)
    assert counts.n_spoiled == spoiled
    assert counts.n_accepted == int(first_pass == reviewed)


@unhurried
@given(TOKENS, TOKENS)
def test_a_perfect_first_pass_removes_all_keeps_all_and_spoils_nothing(draft: list[str], reviewed: list[str]) -> None:
    counts = correction_counts(draft=draft, first_pass=reviewed, reviewed=reviewed)
    assert counts.n_errors_removed == counts.draft.n_errors == counts.n_changes == counts.n_changes_kept
    assert (counts.n_spoiled, counts.residual.n_errors, counts.n_accepted) == (0, 0, 1)


@unhurried
@given(TOKENS, TOKENS)
def test_an_untouched_draft_removes_and_changes_nothing(draft: list[str], reviewed: list[str]) -> None:
    counts = correction_counts(draft=draft, first_pass=draft, reviewed=reviewed)
    assert (counts.n_errors_removed, counts.n_changes, counts.n_spoiled) == (0, 0, 0)
    assert counts.residual == counts.draft == count(reviewed, draft)


@unhurried
@given(TOKENS, TOKENS, TOKENS)
def test_parts_never_exceed_the_whole(draft: list[str], first_pass: list[str], reviewed: list[str]) -> None:
    counts = correction_counts(draft=draft, first_pass=first_pass, reviewed=reviewed)
    assert 0 <= counts.n_errors_removed <= counts.draft.n_errors
    assert 0 <= counts.n_changes_kept <= counts.n_changes
    assert 0 <= counts.n_spoiled <= counts.draft.hits


def test_rates_come_from_sums() -> None:
    counts = [
        counts_of("a x c y e", "a b c d z", "a b c d e"),
        counts_of("a b c", "a b c", "a b c"),
        counts_of("p q", "p r", "p r"),
    ]
    found = correction_quality(counts)
    assert found == correction_quality(counts[::-1])
    assert found.n_segments == 3
    assert found.residual_rate.value == 1 / 10
    assert found.acceptance.value == pytest.approx(2 / 3)
    assert found.recall.value == 1.0
    assert found.precision.value == 3 / 4
    assert found.over_editing.value == 1 / (3 + 3 + 1)
    assert sum(counts) == counts[0] + counts[1] + counts[2]


def test_without_changes_there_is_no_precision() -> None:
    found = correction_quality([counts_of("a", "a", "a")])
    assert found.precision.value is found.recall.value is None
    assert found.residual_rate.value == 0.0
