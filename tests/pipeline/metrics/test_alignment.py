"""Alignment: the fewest errors, one stated choice among equals."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from itertools import combinations, groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.metrics.alignment import AlignedPair, Alignment, EditKind, align, confusions
from pipeline.metrics.count_table import count
from pipeline.metrics.counts import ErrorCounts
from tests.pipeline.metrics.scored_pairs import TOKENS, distance_table, disturbed, lexicon, unhurried


def traced(reference: Sequence[str], hypothesis: Sequence[str]) -> list[AlignedPair]:
    """The alignment by the stated rule, from a full table."""
    shorter = min(len(reference), len(hypothesis))
    start = next((i for i in range(shorter) if reference[i] != hypothesis[i]), shorter)
    end = next((i for i in range(shorter - start) if reference[-1 - i] != hypothesis[-1 - i]), shorter - start)
    head = [AlignedPair(EditKind.HIT, token, token) for token in reference[:start]]
    tail = [AlignedPair(EditKind.HIT, token, token) for token in reference[len(reference) - end :]]
    return (
        head + traced_middle(reference[start : len(reference) - end], hypothesis[start : len(hypothesis) - end]) + tail
    )


def hit_places(pairs: Sequence[AlignedPair]) -> list[tuple[int, int]]:
    """Where the hits are: reference and hypothesis tokens before each."""
    places: list[tuple[int, int]] = []
    i = j = 0
    for pair in pairs:
        places += [(i, j)] if pair.kind is EditKind.HIT else []
        i += pair.reference is not None
        j += pair.hypothesis is not None
    return places


def traced_middle(reference: Sequence[str], hypothesis: Sequence[str]) -> list[AlignedPair]:
    table = distance_table(reference, hypothesis)
    i, j = len(reference), len(hypothesis)
    pairs: list[AlignedPair] = []
    while i or j:
        if i and table[i][j] == table[i - 1][j] + 1:
            i -= 1
            pairs.append(AlignedPair(EditKind.DELETION, reference[i], None))
        elif i and j and table[i][j] == table[i - 1][j - 1] + 1 and reference[i - 1] != hypothesis[j - 1]:
            i, j = i - 1, j - 1
            pairs.append(AlignedPair(EditKind.SUBSTITUTION, reference[i], hypothesis[j]))
        elif j and table[i][j] == table[i][j - 1] + 1:
            j -= 1
            pairs.append(AlignedPair(EditKind.INSERTION, None, hypothesis[j]))
        else:
            i, j = i - 1, j - 1
            pairs.append(AlignedPair(EditKind.HIT, reference[i], hypothesis[j]))
    return pairs[::-1]


@settings(max_examples=500, deadline=None)
@given(TOKENS, TOKENS)
def test_the_fast_path_equals_the_textbook_and_its_stated_choice_among_equals(
    reference: list[str], hypothesis: list[str]
) -> None:
    pairs = traced(reference, hypothesis)
    alignment = align(reference, hypothesis)
    kinds = Counter(pair.kind for pair in pairs)
    assert alignment.counts == count(reference, hypothesis) == ErrorCounts(*(kinds[kind] for kind in EditKind))
    assert alignment.counts.n_errors == distance_table(reference, hypothesis)[-1][-1]
    assert hit_places(list(alignment.pairs())) == hit_places(pairs)


@unhurried
@given(TOKENS)
def test_identity_has_no_errors(tokens: list[str]) -> None:
    assert count(tokens, tokens) == ErrorCounts(hits=len(tokens))


@unhurried
@given(TOKENS, TOKENS)
def test_swapping_the_sides_swaps_their_lengths_and_keeps_the_errors(a: list[str], b: list[str]) -> None:
    there, back = count(a, b), count(b, a)
    assert there.n_errors == back.n_errors
    assert (there.n_ref, there.n_hyp) == (back.n_hyp, back.n_ref)


@unhurried
@given(TOKENS, TOKENS)
def test_an_alignment_holds_every_token_of_both_sides_in_order(reference: list[str], hypothesis: list[str]) -> None:
    alignment = align(reference, hypothesis)
    assert list(alignment.reference) == reference
    assert list(alignment.hypothesis) == hypothesis
    assert len(alignment.right_reference_tokens()) == len(reference)
    assert sum(alignment.right_reference_tokens()) == sum(alignment.right_hypothesis_tokens()) == alignment.counts.hits
    for run in alignment.runs:
        assert tuple(reference[run.reference_start : run.reference_start + len(run.reference)]) == run.reference
        assert tuple(hypothesis[run.hypothesis_start : run.hypothesis_start + len(run.hypothesis)]) == run.hypothesis


def test_characters_are_aligned_as_words_are() -> None:
    assert count("नमस्ते", "नमसते") == count(list("नमस्ते"), list("नमसते")) == ErrorCounts(hits=5, deletions=1)
    assert count("𠮷野家", "吉野家") == ErrorCounts(hits=2, substitutions=1)
    assert [run.reference for run in align("कख", "कग").runs] == [("क",), ("ख",)]


def character_errors(pairs: Sequence[AlignedPair]) -> int:
    return sum(
        distance_table(pair.reference, pair.hypothesis)[-1][-1]
        for pair in pairs
        if pair.reference is not None and pair.hypothesis is not None
    )


WORDS = st.lists(st.text("कखगि", min_size=1, max_size=4), max_size=6)


@unhurried
@given(WORDS, WORDS)
def test_tokens_between_hits_stand_beside_the_most_similar(reference: list[str], hypothesis: list[str]) -> None:
    """Every way to pair the shorter side of each stretch, by brute force."""
    best = 0
    for run in stretches(align(reference, hypothesis)):
        wanted = [pair.reference for pair in run if pair.reference is not None]
        found = [pair.hypothesis for pair in run if pair.hypothesis is not None]
        shorter, longer = sorted((wanted, found), key=len)
        best += min(
            sum(distance_table(a, b)[-1][-1] for a, b in zip(shorter, chosen, strict=True))
            for chosen in combinations(longer, len(shorter))
        )
    assert character_errors(list(align(reference, hypothesis).pairs())) == best


def stretches(alignment: Alignment) -> list[list[AlignedPair]]:
    """Columns between hits."""
    groups = groupby(alignment.pairs(), key=lambda pair: pair.kind is EditKind.HIT)
    return [list(pairs) for is_hit, pairs in groups if not is_hit]


def test_an_error_stands_beside_the_word_it_is_an_error_for() -> None:
    pairs = align(["वह", "विद्यालय", "गया"], ["वह", "तो", "विदयालय", "गया"]).pairs()
    assert [(pair.reference, pair.hypothesis) for pair in pairs] == [
        ("वह", "वह"),
        (None, "तो"),
        ("विद्यालय", "विदयालय"),
        ("गया", "गया"),
    ]


def test_where_pairings_are_equal_the_leftmost_is_taken() -> None:
    assert [(pair.reference, pair.hypothesis) for pair in align(["a"], ["x", "y", "z"]).pairs()] == [
        ("a", "x"),
        (None, "y"),
        (None, "z"),
    ]


def test_a_stretch_of_thousands_of_tokens_is_paired_in_time() -> None:
    started = time.process_time()
    counts = align(["abc"] * 2_000, ["xyz"] * 6_000).counts
    assert counts == ErrorCounts(substitutions=2_000, insertions=4_000)
    assert time.process_time() - started < 0.5


def test_confusions_are_counted_over_alignments() -> None:
    first = align(["वह", "घर", "गया", "है"], ["वह", "गर", "गया"])
    second = align(["घर", "और"], ["गर", "में", "और"])
    assert confusions([first, second]).most_common() == [(("घर", "गर"), 2), (("है", None), 1), ((None, "में"), 1)]


def test_one_pair_of_twenty_thousand_words_takes_less_than_half_a_second() -> None:
    rng = random.Random(5)
    words = lexicon("Deva", rng, n_words=5_000)
    reference = rng.choices(words, k=20_000)
    hypothesis = disturbed(reference, words, random.Random(8))
    started = time.process_time()
    counts = count(reference, hypothesis)
    seconds = time.process_time() - started
    assert counts.n_ref == 20_000
    assert counts.n_hyp > 19_000
    assert 4_000 < counts.n_errors < 6_000
    assert seconds < 0.5
