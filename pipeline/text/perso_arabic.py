"""Rules of the Perso-Arabic scripts of Urdu, Kashmiri and Sindhi."""

from __future__ import annotations

from typing import Final

from pipeline.text.rules import Rule, deletion, rewriting, substitution
from pipeline.text.tables import table

TATWEEL: Final = deletion("tatweel", "the stroke that stretches a line is no letter", "\u0640")

# Kashmiri writes its vowels with such marks: گُر (horse), گَرٕ (home).
HARAKAT: Final = deletion(
    "harakat", "vowel marks are optional in Urdu and Sindhi", r"[\u064b-\u0652\u0670\u0610-\u0615]"
)

FINAL_HEH: Final = substitution(
    "final-heh", "Arabic heh at the end of a word is heh goal", r"\u0647(?!\p{M}*[\p{Arabic}&&\p{L}])", "\u06c1"
)

# Runs before the digits are folded and grouped, so these may be of any script.
ARABIC_SEPARATORS: Final = substitution(
    "arabic-separators",
    "the Arabic decimal and grouping signs between digits",
    r"(?<=\p{Nd})[\u066b\u066c](?=\p{Nd})",
    {"\u066b": ".", "\u066c": ","}.__getitem__,
)


def letter_folds(language: str) -> Rule:
    """The letters of an Arabic keyboard as the letters of the language (`ur`, `ks`, `sd`)."""
    return rewriting("letters", "letters of an Arabic keyboard that look the same", table(f"arab.{language}"))
