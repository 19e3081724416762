"""The rules that profiles of every script share, in the order in which a profile runs them."""

from __future__ import annotations

import unicodedata
from typing import Final

from pipeline.text.rules import Rule, deletion, substitution

NFC: Final = Rule("nfc", "one code point sequence per letter", lambda text: unicodedata.normalize("NFC", text))

COMPATIBILITY: Final = substitution(
    "compatibility",
    "full-width forms, Arabic presentation forms and Kangxi radicals are shapes of ordinary letters",
    # NFKC everywhere would turn ½, ² and ① into other numbers.
    r"[\uff01-\uff5e\u3000\ufb50-\ufdff\ufe70-\ufefc\u2f00-\u2fdf]+",
    lambda shapes: unicodedata.normalize("NFKC", shapes),
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
    r"(?<![0-9])(?<![0-9][.,])[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?![0-9]|,[0-9])",
    lambda number: number.replace(",", ""),
)

APOSTROPHE: Final = substitution(
    "apostrophe",
    "an apostrophe inside a Latin word has three code points",
    r"(?<=[\p{Latin}\u0300-\u036f])[\u2019\u02bc](?=\p{Latin})",
    "'",
)

PUNCTUATION: Final = substitution(
    "punctuation",
    "punctuation, symbols and control characters separate words; the Sindhi words ۽ and ۾, a decimal point "
    "and an apostrophe inside a Latin word are none of these",
    r"[[\p{P}\p{S}\p{Z}\p{Cc}\u0600-\u0605\u06dd\u08e2]--[ \n.'\u06fd\u06fe]]"
    r"|\.(?!(?<=[0-9]\.)[0-9])"
    r"|'(?!(?<=[\p{Latin}\u0300-\u036f]')\p{Latin})",
    " ",
)

SEPARATORS: Final = substitution(
    "separators", "every kind of white space and control character separates words", r"[[\p{Z}\p{Cc}]--[ \n]]", " "
)

WHITE_SPACE: Final = deletion("white-space", "one space between words, none around them", r"(?m)^ +| +$|(?<= ) +")

RAW_RULES: Final = (NFC, SEPARATORS, WHITE_SPACE)
"""The level `raw`: what was written, in one encoding."""

OPENING: Final = (NFC, COMPATIBILITY, LOWER_CASE)
NUMBERS_AND_PUNCTUATION: Final = (DIGITS, GROUPING, APOSTROPHE, PUNCTUATION)
