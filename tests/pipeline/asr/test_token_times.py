"""Words get times in order, whatever the alignment says."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from models.values import Span
from pipeline.asr.token_times import TokenAlignment, TokenRun, timed_words, word_runs

PIECES = [" गाँ".encode()[:5], " गाँ".encode()[5:], "व".encode(), " में".encode(), "।".encode(), "水".encode(), b"x"]


def decode(ids: Sequence[int]) -> str:
    return b"".join(PIECES[i] for i in ids).decode("utf-8", errors="replace")


def test_a_letter_of_several_tokens_stays_whole_and_punctuation_joins_the_word_before() -> None:
    runs = word_runs([0, 1, 2, 3, 4], decode)
    assert runs == [TokenRun("गाँव", 0, 3), TokenRun("में।", 3, 5)]


def test_han_characters_stand_alone() -> None:
    assert [run.text for run in word_runs([5, 5, 6, 6, 5], decode)] == ["水", "水", "xx", "水"]


def test_times_follow_the_path() -> None:
    words = [TokenRun("a", 0, 2), TokenRun("b", 2, 3)]
    path = TokenAlignment([(0, 0), (0, 5), (1, 10), (2, 20), (3, 30)], [0.5, 1.0, 0.9])
    timed = timed_words(words, path, duration_ms=1000)
    assert [(word.span, word.confidence) for word in timed] == [(Span(0, 400), 0.75), (Span(400, 600), 0.9)]


def test_words_at_one_instant_share_the_time_up_to_the_next() -> None:
    words = [TokenRun("a", 0, 1), TokenRun("b", 1, 2), TokenRun("c", 2, 3)]
    path = TokenAlignment([(0, 0), (1, 0), (2, 20), (3, 20)], [1.0, 1.0, 1.0])
    timed = timed_words(words, path, duration_ms=1000)
    assert [word.span for word in timed] == [Span(0, 200), Span(200, 400), Span(400, 1000)]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 80)), max_size=30), st.integers(1, 10), st.integers(1, 1500)
)
def test_any_path_gives_ordered_words_within_the_clip(
    path: list[tuple[int, int]], n_words: int, duration_ms: int
) -> None:
    words = [TokenRun(str(i), i, i + 1) for i in range(n_words)]
    timed = timed_words(words, TokenAlignment(path, [0.5] * n_words), duration_ms=duration_ms)
    assert len(timed) == (n_words if duration_ms >= n_words else 0)
    edges = [edge for word in timed for edge in (word.span.start_ms, word.span.end_ms)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= duration_ms for edge in edges)
