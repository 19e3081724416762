from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.scripts import COMMON, INHERITED, ISO_15924, UNKNOWN, letters_by_script, script_of, script_share


@pytest.mark.parametrize(
    ("char", "script"),
    [
        ("क", "Deva"),
        ("ক", "Beng"),
        ("ਕ", "Guru"),
        ("ક", "Gujr"),
        ("କ", "Orya"),
        ("க", "Taml"),
        ("క", "Telu"),
        ("ಕ", "Knda"),
        ("ക", "Mlym"),
        ("ک", "Arab"),
        ("ᱚ", "Olck"),
        ("ꯀ", "Mtei"),
        ("ཀ", "Tibt"),
        ("中", "Hani"),
        ("〇", "Hani"),
        ("\U00020000", "Hani"),
        ("a", "Latn"),
        ("।", COMMON),
        ("7", COMMON),
        ("\u0951", INHERITED),
        ("\u0378", UNKNOWN),
        ("\ud800", UNKNOWN),
        ("\ue000", UNKNOWN),
    ],
)
def test_each_script_of_the_catalogue_is_told_from_the_others(char: str, script: str) -> None:
    assert script_of(char) == script


def test_vowel_signs_count_as_letters_and_digits_and_punctuation_do_not() -> None:
    assert letters_by_script("की, office १२ 7!") == {"Latn": 6, "Deva": 2}


def test_code_mixed_latin_is_left_out_of_the_share() -> None:
    assert script_share("मेरा office कहाँ", frozenset({"Deva"})) == 1.0
    assert script_share("mera office kahan", frozenset({"Latn"})) == 1.0


def test_a_text_of_nothing_but_unexpected_latin_is_a_mismatch() -> None:
    assert script_share("mera office", frozenset({"Deva"})) == 0.0


def test_a_draft_in_a_sister_script_is_a_mismatch() -> None:
    assert script_share("میرا دفتر", frozenset({"Deva"})) == 0.0
    assert script_share("কখ कख", frozenset({"Beng"})) == 0.5


def test_a_text_without_letters_is_no_mismatch() -> None:
    assert script_share("", frozenset({"Deva"})) == 1.0
    assert script_share("12 … ?", frozenset({"Deva"})) == 1.0


@pytest.mark.parametrize("wanted", ["Hans", "Hant", "Hani"])
def test_simplified_and_traditional_are_both_han(wanted: str) -> None:
    assert script_share("係系", frozenset({wanted})) == 1.0


def test_one_of_several_expected_scripts_is_enough() -> None:
    assert script_share("سنڌي सिन्धी", frozenset({"Arab", "Deva"})) == 1.0


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_string_has_a_share_between_nought_and_one(text: str) -> None:
    for script in ("Deva", "Latn", "Hans"):
        assert 0.0 <= script_share(text, frozenset({script})) <= 1.0


def test_every_code_has_four_letters_and_is_listed_once() -> None:
    codes = list(ISO_15924.values())
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 4 for code in codes)
