"""Long texts are searched in a band: as few errors, counted and aligned alike."""

from __future__ import annotations

import random

import pytest
from rapidfuzz.distance import Levenshtein

from pipeline.metrics.alignment import align
from pipeline.metrics.count_table import count
from pipeline.metrics.edits import LONG_TOKENS, edits_of, n_errors_of


def spoken(n_tokens: int, *, share_wrong: float, n_letters: int) -> tuple[str, str]:
    """A text and what was heard of it."""
    rng = random.Random(f"{n_tokens} {share_wrong} {n_letters}")
    letters = [chr(0x905 + number) for number in range(n_letters)]
    reference = rng.choices(letters, k=n_tokens)
    heard: list[str] = []
    for letter in reference:
        fate = rng.random()
        heard += [rng.choice(letters)] if fate < share_wrong else [] if fate < 1.2 * share_wrong else [letter]
        if rng.random() < 0.2 * share_wrong:
            heard.append(rng.choice(letters))
    return "".join(reference), "".join(heard)


@pytest.mark.parametrize("share_wrong", [0.0, 0.01, 0.2, 0.7])
@pytest.mark.parametrize("n_letters", [2, 40])
def test_the_band_hides_no_better_alignment(share_wrong: float, n_letters: int) -> None:
    reference, hypothesis = spoken(LONG_TOKENS, share_wrong=share_wrong, n_letters=n_letters)
    n_errors = Levenshtein.distance(reference, hypothesis)
    assert n_errors_of(reference, hypothesis) == n_errors
    assert len(edits_of(reference, hypothesis)) == n_errors
    assert edits_of(reference, hypothesis).apply(reference, hypothesis) == hypothesis


def test_counts_of_a_long_text_are_those_of_its_alignment() -> None:
    reference, hypothesis = spoken(LONG_TOKENS, share_wrong=0.2, n_letters=40)
    assert count(reference, hypothesis) == align(reference, hypothesis).counts
    assert count(reference, "").deletions == LONG_TOKENS
    assert count(reference, reference[: LONG_TOKENS // 3]).n_errors == LONG_TOKENS - LONG_TOKENS // 3


@pytest.mark.parametrize("n_tokens", [LONG_TOKENS - 1, LONG_TOKENS + 1])
def test_both_sides_of_the_threshold_count_as_many_errors(n_tokens: int) -> None:
    reference, hypothesis = spoken(n_tokens, share_wrong=0.1, n_letters=40)
    assert count(list(reference), list(hypothesis)).n_errors == Levenshtein.distance(reference, hypothesis)
