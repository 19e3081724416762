from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dialects.catalogue import ScoringUnit
from pipeline.text.profiles import Level, all_profiles, normalise, tokens_all
from pipeline.text.tokens import TOKENS_OF, characters, grapheme_clusters, mixed_tokens, word_tokens

ANY_TEXT = st.text(alphabet=st.one_of(st.sampled_from("的中𠀀aZ9 \u3000\tकि"), st.characters(codec=None)))


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u3000", "\t", "\n", "\u2028"])
def test_every_kind_of_white_space_separates_words(space: str) -> None:
    assert word_tokens(f"a{space}b") == ["a", "b"]


def test_a_mixed_token_is_a_han_character_or_a_run_of_anything_else() -> None:
    assert mixed_tokens("今天我们用Python写代码3.14") == [*"今天我们用", "Python", *"写代码", "3.14"]


def test_han_characters_of_every_plane_are_tokens() -> None:
    assert mixed_tokens("\U00020000\U0002a700\U0002b820\U00030000〇々") == list(
        "\U00020000\U0002a700\U0002b820\U00030000〇々"
    )


def test_characters_are_composed_code_points_without_spaces() -> None:
    assert characters("ka\u0301 \u0958\u3000b\n") == "ká\u0915\u093cb"


def test_grapheme_clusters_keep_a_syllable_together() -> None:
    assert grapheme_clusters("कि ताब") == ["कि", "ता", "ब"]
    assert grapheme_clusters("e\u0301 x") == ["é", "x"]


@given(ANY_TEXT)
def test_no_unit_loses_or_invents_anything(text: str) -> None:
    bare = "".join(text.split())
    assert "".join(word_tokens(text)) == bare
    assert "".join(mixed_tokens(text)) == bare
    assert "".join(grapheme_clusters(text)).replace(" ", "") == characters(text)


@given(st.lists(ANY_TEXT, max_size=3))
@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("name", ["deva-hi/1", "hans-zh/1", "hant-yue/1", "tibt-bo/1", "latn-und/1"])
def test_the_tokens_of_many_texts_are_those_of_each_normalised_text(name: str, level: Level, texts: list[str]) -> None:
    profile = all_profiles()[name]
    cut = TOKENS_OF[profile.unit]
    assert tokens_all(texts, profile, level=level) == [cut(normalise(text, profile, level=level)) for text in texts]


def test_every_scoring_unit_has_its_tokens() -> None:
    assert set(TOKENS_OF) == set(ScoringUnit)
