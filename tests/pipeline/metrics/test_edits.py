"""Long texts are counted and aligned as short ones are."""

from __future__ import annotations

import random

import pytest
from rapidfuzz.distance import Levenshtein

from pipeline.metrics.alignment import align
from pipeline.metrics.count_table import count, count_all
from pipeline.metrics.edits import LONG_TOKENS, edits_of


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
@pytest.mark.parametrize("n_letters", [2, 40, 2000])
def test_long_texts_are_aligned_as_rapidfuzz_aligns_them(share_wrong: float, n_letters: int) -> None:
    reference, hypothesis = spoken(3 * LONG_TOKENS, share_wrong=share_wrong, n_letters=n_letters)
    assert edits_of(reference, hypothesis).as_list() == Levenshtein.editops(reference, hypothesis).as_list()


def test_counts_of_a_long_text_are_those_of_its_alignment() -> None:
    reference, hypothesis = spoken(3 * LONG_TOKENS, share_wrong=0.2, n_letters=40)
    assert count(reference, hypothesis) == align(reference, hypothesis).counts
    assert count(reference, "").deletions == 3 * LONG_TOKENS
    assert count("", reference).insertions == 3 * LONG_TOKENS
    assert count(reference, reference[:LONG_TOKENS]).n_errors == 2 * LONG_TOKENS


def test_long_and_short_texts_beside_each_other_keep_their_places() -> None:
    pairs = [spoken(n_tokens, share_wrong=0.2, n_letters=40) for n_tokens in (5, LONG_TOKENS, 0, LONG_TOKENS - 1)]
    table = count_all([reference for reference, _ in pairs], [hypothesis for _, hypothesis in pairs])
    assert list(table) == [align(*pair).counts for pair in pairs]
    assert [counts.n_errors for counts in table] == [Levenshtein.distance(*pair) for pair in pairs]
