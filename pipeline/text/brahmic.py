"""Rules of the scripts that descend from Brahmi: Devanagari, Bengali-Assamese, Gurmukhi to Malayalam, Tibetan."""

from __future__ import annotations

from typing import Final

import regex

from pipeline.text.rules import Rule, deletion, rewriting, substitution
from pipeline.text.shared_rules import INVISIBLE_BUT_ZWJ
from pipeline.text.tables import table

_VOWEL_SIGNS: Final = "".join(
    regex.findall(r"\p{InSC=Vowel_Dependent}", "".join(map(chr, (*range(0x0900, 0x0D80), *range(0x0F00, 0x1000)))))
)
DOUBLED_SIGNS: Final = substitution(
    "doubled-signs", "a vowel sign typed twice shows once", rf"([{_VOWEL_SIGNS}])\1+", r"\1"
)

# Joiner-dependent rewrites: they must see the joiners, so they come before these are left out.
EYELASH_RA: Final = rewriting(
    "eyelash-ra", "the joiner makes another letter: दर्या (sea) is not दऱ्या (valleys)", table("deva.eyelash-ra")
)
KHANDA_TA: Final = rewriting("khanda-ta", "ৎ was once spelled with a joiner", table("beng.khanda-ta"))
CHILLU: Final = rewriting("chillu", "chillu letters were once spelled with a joiner", table("mlym.chillu"))
RA_YA_PHALAA: Final = substitution(
    "ra-ya-phalaa",
    "either joiner keeps the ya-phalaa from becoming a reph",
    r"([\u09b0\u09f0])[\u200c\u200d]+(?=\u09cd\u09af)",
    "\\1\u200d",
)
INVISIBLE_BENGALI: Final = deletion(
    "invisible",
    "joiners choose a shape, not a letter, but between RA and ya-phalaa",
    rf"[{INVISIBLE_BUT_ZWJ}]|(?<![\u09b0\u09f0])\u200d|\u200d(?!\u09cd\u09af)",
)

VISARGA: Final[dict[str, str]] = {
    "Deva": "\u0903",
    "Beng": "\u0983",
    "Gujr": "\u0a83",
    "Orya": "\u0b03",
    "Telu": "\u0c03",
    "Knda": "\u0c83",
    "Mlym": "\u0d03",
}
"""ISO 15924 -> visarga; Gurmukhi and Tamil hardly use theirs."""

_NASAL_ROWS: Final = (
    (0x19, 0x15, 0x18),
    (0x1E, 0x1A, 0x1D),
    (0x23, 0x1F, 0x22),
    (0x28, 0x24, 0x27),
    (0x2E, 0x2A, 0x2D),
)
"""Offsets of a nasal and of the first and last stop of its row, in the layout that the Indic blocks took from ISCII."""
_VIRAMA_OFFSET: Final = 0x4D
_ANUSVARA_OFFSET: Final = 0x02


def spelling_rules(script: str, *names: str) -> tuple[Rule, ...]:
    """Sign orders, vowel letters and further tables of one script, then the collapse of doubled vowel signs."""
    why = {
        "sign-order": "the parts of a vowel sign typed in another order",
        "vowel-letters": "a vowel letter spelled as another one with a sign",
        "au-sign": "the modern and the classical sign of one vowel",
        "nta": "one glyph with two spellings",
        "shri": "one glyph with two spellings",
        "deprecated": "a code point that Unicode discourages for a sequence",
    }
    tables = tuple(rewriting(name, why[name], table(f"{script.lower()}.{name}")) for name in names)
    return (*tables, DOUBLED_SIGNS)


def typed_visarga(script: str) -> Rule:
    """A colon between two letters of the script is a visarga; at the end of a word it is punctuation."""
    return substitution(
        "typed-visarga",
        "a colon between two letters stands for the visarga",
        rf"(?<=[\p{{{script}}}&&[\p{{L}}\p{{M}}]]):(?=[\p{{{script}}}&&\p{{L}}])",
        VISARGA[script],
    )


def letter_apostrophe() -> Rule:
    """The apostrophe of Bodo, Dogri and Maithili is a letter of length or tone, U+02BC, however it was typed.

    After a letter at the end of a word it is one as well, unless a quotation mark begins the same word.
    """
    return substitution(
        "letter-apostrophe",
        "the apostrophe is a letter of the word",
        r"(?<=[\p{Deva}&&[\p{L}\p{M}]])['\u2019](?:(?=[\p{Deva}&&\p{L}])|(?<!['\u2018][\p{Deva}\u02bc]*['\u2019]))",
        "\u02bc",
    )


def nasal_as_anusvara(block_start: int) -> Rule:
    """A nasal with virama before a stop of its own row is written as anusvara: हिन्दी, हिंदी."""
    virama = chr(block_start + _VIRAMA_OFFSET)
    rows = (
        f"{chr(block_start + nasal)}{virama}(?=[{chr(block_start + first)}-{chr(block_start + last)}])"
        for nasal, first, last in _NASAL_ROWS
    )
    return substitution(
        "nasal-as-anusvara",
        "a nasal before a stop of its row may be written as anusvara",
        "|".join(rows),
        chr(block_start + _ANUSVARA_OFFSET),
    )


FINAL_KHANDA_TA: Final = substitution(
    "final-khanda-ta", "ত্ at the end of a word may be written ৎ", r"\u09a4\u09cd(?![\p{L}\p{M}\p{N}])", "\u09ce"
)
