"""What is remembered of words never changes a result."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.text.normaliser import BLOCK_TEXTS, MEMO_WORD_CHARS, Normaliser
from pipeline.text.profiles import Level, get_profile, normalise, normalise_all

TEXTS = [f"अा{i % 50}, शब्द{i} X{i % 7}-Y।" for i in range(300)]
EXPECTED = [f"आ{i % 50} शब्द{i} x{i % 7} y" for i in range(300)]


def hindi(memo_words: int) -> Normaliser:
    stages = get_profile("deva-hi/1").stages(Level.CANONICAL)
    return Normaliser(stages, closing=(), is_word_local=True, memo_words=memo_words)


@pytest.mark.parametrize("memo_words", [0, 1, 100, 10_000])
def test_a_memo_of_any_size_gives_the_same_texts(memo_words: int) -> None:
    normaliser = hindi(memo_words)
    for _ in range(2):
        assert normaliser.normalise_all(TEXTS) == EXPECTED
        assert [normaliser.normalise_all([text])[0] for text in TEXTS] == EXPECTED


def test_very_long_words_are_normalised_and_not_remembered() -> None:
    long_word = "काा" * MEMO_WORD_CHARS
    normaliser = hindi(10_000)
    assert normaliser.normalise_all([long_word, "अाम"]) == ["का" * MEMO_WORD_CHARS, "आम"]
    assert normaliser.normalise_all(["अाम", long_word]) == ["आम", "का" * MEMO_WORD_CHARS]


def test_more_texts_than_a_block_keep_their_order() -> None:
    texts = [f"W{i % 1000}." for i in range(BLOCK_TEXTS * 2 + 1)]
    expected = [f"w{i % 1000}" for i in range(len(texts))]
    assert normalise_all(texts, get_profile("latn-und/1")) == expected
    assert normalise_all(texts, get_profile("hans-zh/1")) == expected


def test_threads_may_share_a_profile() -> None:
    normaliser = hindi(50)
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: normaliser.normalise_all(TEXTS), range(40)))
    assert all(result == EXPECTED for result in results)


def test_a_line_feed_in_a_text_is_white_space_and_parts_no_texts() -> None:
    for name in ("deva-hi/1", "hans-zh/1"):
        profile = get_profile(name)
        assert normalise_all(["a\nb", "\n", "c\r\n"], profile) == ["a b", "", "c"]
        assert normalise("a\nb\n", profile, level=Level.RAW) == "a b"
