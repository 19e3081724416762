"""Varieties are found by what people call them: names in any script, codes, states and districts."""

from __future__ import annotations

import pytest

from pipeline.dialects import Dialect, all_dialects, find_dialects
from pipeline.dialects.search import folded, ranked_matches


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Madurai", "ta-IN-x-madurai"),
        ("warangal", "te-IN-x-telangan"),
        ("Kanpur", "bjj-IN"),
        ("Chengdu", "cmn-Hans-CN-x-sichuan"),
        ("成都", "cmn-Hans-CN-x-sichuan"),
        ("Suzhou", "wuu-Hans-CN-x-suzhou"),
        ("Xian", "cmn-Hans-CN-x-zhongyua"),
        ("हिंदी", "hi-IN"),
        ("தமிழ்", "ta-IN"),
        ("粵語", "yue-Hant-HK"),
        ("tai-lo", "nan-Latn-TW"),
        ("ACHIK", "grt-IN"),
        ("tel", "te-IN"),
        ("te", "te-IN"),
        ("hak", "hak-Hant-TW"),
        ("dgo-IN", "doi-IN"),
        ("Bhojpoori", "bho-IN"),
        ("Kathiyavadi", "gu-IN-x-kathia"),
        ("Konkani", "kok-Deva-IN"),
        ("telugu warangal", "te-IN-x-telangan"),
        ("RESPIN te D3", "te-IN-x-telangan"),
    ],
)
def test_a_variety_is_found_by_what_people_call_it(query: str, first: str) -> None:
    assert find_dialects(query)[0].tag == first


@pytest.mark.parametrize("dialect", all_dialects(), ids=lambda dialect: dialect.tag)
def test_every_name_tag_and_region_finds_its_variety(dialect: Dialect) -> None:
    names = (dialect.english_name, dialect.own_name, *dialect.other_names)
    for query in (dialect.tag, dialect.iso639_3, *dialect.aliases, *names, *dialect.regions, *dialect.labels):
        assert dialect in ranked_matches((dialect,), query), query
    assert find_dialects(dialect.tag)[0] is dialect


def test_a_close_spelling_counts_only_where_nothing_is_spelt_so() -> None:
    assert [dialect.tag for dialect in find_dialects("Kanpur")] == ["bjj-IN"], "not Kannur, one letter away"


def test_a_blank_query_finds_all_and_nonsense_nothing() -> None:
    assert find_dialects("  ") == list(all_dialects())
    assert find_dialects("zzzzq") == []
    assert find_dialects("x") == []


def test_folding_drops_latin_diacritics_and_keeps_vowel_signs() -> None:
    assert folded("Tâi-lô, Pe̍h-ōe-jī") == "tai lo peh oe ji"
    assert folded("Xi'an") == "xian"
    assert folded("हिन्दी") == "हिन्दी"
    assert folded("বাংলা") != folded("বংল")


def test_a_place_is_not_found_inside_the_name_of_another() -> None:
    assert "te-IN-x-uttaran" not in [dialect.tag for dialect in find_dialects("Patna")]


@pytest.mark.parametrize(("query", "first"), [("New Delhi", "hi-IN"), ("澳门", "yue-Hant-HK"), ("लखनऊ", "awa-IN")])
def test_great_cities_are_found_in_their_own_script(query: str, first: str) -> None:
    assert find_dialects(query)[0].tag == first
