"""Corrected text is timed again without moving what was not touched."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from models.values import Span, Word
from pipeline.alignment import retimed, split_words


def timed(*entries: tuple[str, int, int]) -> tuple[Word, ...]:
    return tuple(Word(text, Span(start_ms, end_ms), 0.9) for text, start_ms, end_ms in entries)


DRAFT = timed(("एक", 0, 400), ("दो", 400, 900), ("तीन", 1200, 1600))
SEGMENT = Span(0, 2000)


def test_words_stand_between_spaces_and_han_characters_alone() -> None:
    assert split_words("गाँव में, पानी।") == ["गाँव", "में,", "पानी।"]
    assert split_words("今天用Python写。") == ["今", "天", "用", "Python", "写。"]
    assert split_words("  ") == []


def test_unchanged_words_keep_time_and_confidence() -> None:
    words = retimed(DRAFT, "एक चार तीन", span=SEGMENT)
    assert words[0] == DRAFT[0]
    assert words[2] == DRAFT[2]
    assert words[1] == Word("चार", Span(400, 1200), None)


def test_a_changed_word_takes_its_aligned_time_within_the_gap() -> None:
    aligned = timed(("एक", 0, 300), ("चार", 380, 1300), ("तीन", 1300, 1700))
    words = retimed(DRAFT, "एक चार तीन", span=SEGMENT, aligned=aligned)
    assert [word.span for word in words] == [Span(0, 400), Span(400, 1200), Span(1200, 1600)]


def test_an_alignment_of_other_words_is_not_used() -> None:
    words = retimed(DRAFT, "एक चार तीन", span=SEGMENT, aligned=timed(("कुछ", 0, 300)))
    assert words[1].span == Span(400, 1200)


def test_words_put_in_where_there_is_no_gap_take_the_second_half_of_the_word_before() -> None:
    words = retimed(DRAFT, "एक और दो तीन", span=SEGMENT)
    assert [word.span for word in words[:3]] == [Span(0, 200), Span(200, 400), Span(400, 900)]


def test_deleted_words_leave_the_others_alone() -> None:
    assert retimed(DRAFT, "एक तीन", span=SEGMENT) == (DRAFT[0], DRAFT[2])
    assert retimed(DRAFT, "", span=SEGMENT) == ()


def test_text_over_an_empty_draft_shares_the_segment_by_length() -> None:
    words = retimed((), "क खखख", span=Span(1000, 2000))
    assert words[0].span.start_ms == 1000
    assert words[0].span.duration_ms < words[1].span.duration_ms
    assert words[-1].span.end_ms <= 2000


@given(st.lists(st.sampled_from(["एक", "दो", "तीन", "字"]), max_size=12), st.integers(0, 6))
def test_times_are_always_in_order_and_within_the_segment(texts: list[str], n_old: int) -> None:
    old = timed(*((texts[i % len(texts)] if texts else "एक", 100 * i, 100 * i + 100) for i in range(n_old)))
    words = retimed(old, " ".join(texts), span=Span(0, 1000))
    assert [word.text for word in words] == texts
    for before, after in itertools.pairwise(words):
        assert before.span.end_ms <= after.span.start_ms
    assert all(0 <= word.span.start_ms < word.span.end_ms <= 1000 for word in words)
