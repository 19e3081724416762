"""The rules that profiles of every script share, in the order in which a profile runs them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import regex

from pipeline.text.rules import Rule, deletion, substitution

NFC: Final = Rule("nfc", "one code point sequence per letter", lambda text: unicodedata.normalize("NFC", text))

_SHAPES: Final = r"\uff01-\uff5e\u3000\ufb50-\ufdff\ufe70-\ufefc\u2f00-\u2fdf"


def _marks_on_spaces() -> dict[int, str]:
    """Shapes of Arabic vowel marks that stand alone -> the marks: NFKC puts a space under them, which parts words."""
    ranges = (range(0xFB50, 0xFE00), range(0xFE70, 0xFEFD))
    plain = ((code, unicodedata.normalize("NFKC", chr(code))) for codes in ranges for code in codes)
    return {code: text[1:] for code, text in plain if text[:1] == " " and unicodedata.combining(text[1:2])}


_BARE_MARKS: Final = _marks_on_spaces()

COMPATIBILITY: Final = substitution(
    "compatibility",
    "full-width forms, Arabic presentation forms and Kangxi radicals are shapes of ordinary letters",
    # NFKC everywhere would turn ½, ² and ① into other numbers.
    rf"[{_SHAPES}]+",
    lambda shapes: unicodedata.normalize("NFKC", shapes.translate(_BARE_MARKS)),
)

LOWER_CASE: Final = Rule("lower-case", "case cannot be heard", str.lower)

INVISIBLE_BUT_ZWJ: Final = (
    r"\u00ad\u034f\u061c\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    r"\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff"
)
"""Default-ignorable code points other than the zero-width joiner: joiners, direction marks, variation selectors."""

INVISIBLE: Final = deletion(
    "invisible",
    "joiners, direction marks and variation selectors choose a shape, not a letter",
    rf"[{INVISIBLE_BUT_ZWJ}\u200d]",
)

DIGITS: Final = substitution(
    "digits",
    "the digits of every script are one set of digits",
    r"[\p{Nd}--[0-9]]",
    lambda digit: str(unicodedata.decimal(digit, digit)),
)

GROUPING: Final = substitution(
    "grouping",
    "a comma that groups the digits of a number, Indian or western, is no part of it",
    r"[0-9](?<![0-9][0-9])(?<![0-9][.,][0-9])[0-9]{0,2}(?:,[0-9]{2,3})*,[0-9]{3}(?![0-9]|,[0-9])",
    lambda number: number.replace(",", ""),
)

LATIN_LETTERS: Final = r"a-z\u00df-\u00f6\u00f8-\u024f\u0300-\u036f\u1e00-\u1eff"
"""As part of a character class: Latin letters in lower case and the marks over them."""

APOSTROPHE: Final = substitution(
    "apostrophe",
    "an apostrophe inside a Latin word has three code points",
    rf"[\u2019\u02bc](?<=[{LATIN_LETTERS}].)(?=[{LATIN_LETTERS}])",
    "'",
)

# What cannot be a separator is passed over first, because asking for a property is slow: letters and digits, and the
# signs of the Indic blocks, which have the same places in each.
_INDIC_SIGNS: Final = "".join(
    f"{chr(start)}-{chr(start + 0x03)}{chr(start + 0x3A)}-{chr(start + 0x4D)}{chr(start + 0x51)}-{chr(start + 0x57)}"
    for start in range(0x0900, 0x0D80, 0x80)
)
# Han radicals are symbols by category, but stand for characters in text that was copied from a PDF.
_SEPARATOR: Final = regex.compile(
    r"[[\p{P}\p{S}\p{Z}\p{Cc}\u0600-\u0605\u06dd\u08e2]--[\u06fd\u06fe\p{Han}]]", regex.VERSION1
)


@lru_cache(maxsize=4096)
def _space_for(char: str) -> str:
    """A space for a punctuation mark, symbol or control character, any other character as it is."""
    return " " if _SEPARATOR.match(char) else char


PUNCTUATION: Final = substitution(
    "punctuation",
    "punctuation, symbols and control characters separate words; the Sindhi words ۽ and ۾ are none",
    rf"[^\w \n.'{_INDIC_SIGNS}]",
    _space_for,
)

POINTS: Final = substitution(
    "points",
    "a point, an apostrophe or a low line separates words, but a point in a number and an apostrophe in a Latin word",
    r"[_.'](?:(?<=_)"
    r"|(?<=\.)(?:(?<![0-9].)|(?![0-9]))"
    rf"|(?<=')(?:(?<![{LATIN_LETTERS}].)|(?![{LATIN_LETTERS}])))",
    " ",
)

SEPARATORS: Final = substitution(
    "separators", "every kind of white space and control character separates words", r"[[\p{Z}\p{Cc}]--[ \n]]", " "
)

_SPACES = re.compile(" {2,}")


def _single_spaces(text: str) -> str:
    return _SPACES.sub(" ", text).replace("\n ", "\n").replace(" \n", "\n").strip(" ")


WHITE_SPACE: Final = Rule("white-space", "one space between words, none around them", _single_spaces)

RAW_RULES: Final = (NFC, SEPARATORS, WHITE_SPACE)
"""The level `raw`: what was written, in one encoding."""

OPENING: Final = (NFC, COMPATIBILITY, LOWER_CASE)
NUMBERS_AND_PUNCTUATION: Final = (DIGITS, GROUPING, APOSTROPHE, PUNCTUATION, POINTS)
