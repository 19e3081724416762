from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from pipeline.text.alternatives import (
    Fork,
    Lattice,
    cheapest_path,
    hypothesis_tokens,
    reference_tokens,
    scoring_tokens_all,
)
from pipeline.text.profiles import Level, get_profile
from pipeline.text.tags import TagKind, TagSyntaxError

TOKENS = st.sampled_from("abcd")
LATTICES: st.SearchStrategy[Lattice] = st.recursive(
    st.lists(TOKENS, max_size=4).map(tuple),
    lambda inner: st.lists(
        st.one_of(TOKENS, st.lists(inner, min_size=1, max_size=3).map(lambda branches: Fork(tuple(branches)))),
        max_size=4,
    ).map(tuple),
    max_leaves=6,
)


def all_paths(lattice: Lattice) -> list[list[str]]:
    """Every way through a lattice, by brute force; earlier branches first."""
    ways = [
        [[step]] if isinstance(step, str) else [path for branch in step.branches for path in all_paths(branch)]
        for step in lattice
    ]
    return [[token for part in parts for token in part] for parts in product(*ways)]


@given(LATTICES, st.lists(TOKENS, max_size=8))
def test_the_cheapest_path_is_as_cheap_as_the_best_of_all_paths(lattice: Lattice, hypothesis: list[str]) -> None:
    path = cheapest_path(lattice, hypothesis)
    paths = all_paths(lattice)
    assert path in paths
    assert Levenshtein.distance(path, hypothesis) == min(Levenshtein.distance(each, hypothesis) for each in paths)


def test_the_earlier_branch_is_taken_where_both_cost_the_same() -> None:
    assert cheapest_path((Fork((("a",), ("b",))),), ["c"]) == ["a"]


def test_two_hundred_alternatives_need_no_enumeration_of_products() -> None:
    lattice = tuple(step for i in range(200) for step in (f"w{i}", Fork(((f"a{i}",), (f"b{i}", f"c{i}"), ()))))
    hypothesis = [token for i in range(200) for token in (f"w{i}", f"b{i}", f"c{i}")]
    assert cheapest_path(lattice, hypothesis) == hypothesis


def test_a_reference_with_alternatives_is_scored_on_its_best_reading() -> None:
    profile = get_profile("deva-hi/1")
    hypothesis = hypothesis_tokens("हिन्दी में office काम।", profile)
    reference = "{ हिंदी / हिन्दी } में { ऑफिस / office } { का / @ } काम"
    assert reference_tokens(reference, hypothesis, profile) == hypothesis
    assert len(hypothesis) == 4


def test_tags_are_left_out_on_both_sides_unless_the_profile_keeps_them() -> None:
    profile = get_profile("deva-hi/1")
    assert reference_tokens("S1: हाँ [noise] जी [unclear]", [], profile) == ["हाँ", "जी"]
    assert hypothesis_tokens("हाँ <inaudible> जी", profile) == ["हाँ", "जी"]
    keeping = replace(profile, kept_tags=frozenset({TagKind.UNCLEAR}))
    assert reference_tokens("S1: हाँ [noise] जी [unclear]", [], keeping) == ["हाँ", "जी", "[unclear]"]
    assert hypothesis_tokens("हाँ <inaudible> जी", keeping) == ["हाँ", "[unclear]", "जी"]


def test_chinese_alternatives_are_compared_in_characters() -> None:
    profile = get_profile("hans-zh/1")
    hypothesis = hypothesis_tokens("我用python寫", profile)
    assert reference_tokens("我{ 使 / @ }用{ Python / 派森 }写[noise]", hypothesis, profile) == hypothesis


def test_braces_of_a_hypothesis_are_punctuation() -> None:
    assert hypothesis_tokens("हाँ { जी", get_profile("deva-hi/1")) == ["हाँ", "जी"]


def test_braces_that_do_not_match_in_a_reference_are_an_error() -> None:
    with pytest.raises(TagSyntaxError):
        reference_tokens("हाँ { जी", ["हाँ"], get_profile("deva-hi/1"))


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("name", ["deva-hi/1", "hans-zh/1", "tibt-bo/1"])
def test_many_pairs_at_once_are_as_one_by_one(name: str, level: Level) -> None:
    profile = get_profile(name)
    references = ["हाँ, जी: ठीक।", "{ a / b } [noise] c", "", "你好，世界 ok", "ཀི་ཁ།", "[S1] x"]
    hypotheses = ["हाँ जी [noise]", "b c", "x", "你好 世界", "ཀི ཁ", ""]
    meant, heard = scoring_tokens_all(references, hypotheses, profile, level=level)
    assert heard == [hypothesis_tokens(text, profile, level=level) for text in hypotheses]
    assert meant == [
        reference_tokens(text, tokens, profile, level=level) for text, tokens in zip(references, heard, strict=True)
    ]


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        scoring_tokens_all(["a", "b"], ["a"], get_profile("latn-und/1"))
