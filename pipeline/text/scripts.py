"""Which writing system a text is in, by the Unicode Script property of its letters and marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import regex

COMMON = "Zyyy"
"""ISO 15924: digits, punctuation, spaces, and everything that several scripts share."""
INHERITED = "Zinh"
"""ISO 15924: marks that take the script of their base."""
UNKNOWN = "Zzzz"
"""ISO 15924: unassigned, private-use and surrogate code points, and scripts outside this module's list."""
LATIN = "Latn"
HAN = "Hani"

ISO_15924: Mapping[str, str] = MappingProxyType(
    {
        "Arabic": "Arab",
        "Bengali": "Beng",
        "Bopomofo": "Bopo",
        "Cyrillic": "Cyrl",
        "Devanagari": "Deva",
        "Ethiopic": "Ethi",
        "Greek": "Grek",
        "Gujarati": "Gujr",
        "Gurmukhi": "Guru",
        "Han": HAN,
        "Hangul": "Hang",
        "Hebrew": "Hebr",
        "Hiragana": "Hira",
        "Kannada": "Knda",
        "Katakana": "Kana",
        "Khmer": "Khmr",
        "Lao": "Laoo",
        "Latin": LATIN,
        "Lepcha": "Lepc",
        "Limbu": "Limb",
        "Malayalam": "Mlym",
        "Meetei_Mayek": "Mtei",
        "Mongolian": "Mong",
        "Myanmar": "Mymr",
        "New_Tai_Lue": "Talu",
        "Ol_Chiki": "Olck",
        "Oriya": "Orya",
        "Sinhala": "Sinh",
        "Syloti_Nagri": "Sylo",
        "Tamil": "Taml",
        "Telugu": "Telu",
        "Thaana": "Thaa",
        "Thai": "Thai",
        "Tibetan": "Tibt",
        "Warang_Citi": "Wara",
        "Yi": "Yiii",
        "Common": COMMON,
        "Inherited": INHERITED,
    }
)
"""Unicode script name -> ISO 15924 code.

Source: Unicode Standard Annex 24, PropertyValueAliases.txt; the scripts of India and China, those of their neighbours,
and those that a recogniser drifts into.
"""

_SCRIPT_GROUPS = tuple(ISO_15924.items())
_SCRIPT = regex.compile("|".join(rf"(\p{{Script={name}}})" for name, _ in _SCRIPT_GROUPS))
_LETTER_OR_MARK = regex.compile(r"[\p{L}\p{M}]")
_HAN_VARIANTS = frozenset({"Hans", "Hant", HAN})


@lru_cache(maxsize=16_384)
def script_of(char: str) -> str:
    """ISO 15924 code of one code point; `Zyyy` where shared, `Zinh` where inherited, `Zzzz` where unknown."""
    found = _SCRIPT.match(char)
    if found is None or found.lastindex is None:
        return UNKNOWN
    return _SCRIPT_GROUPS[found.lastindex - 1][1]


def letters_by_script(text: str) -> dict[str, int]:
    """Letters and marks per ISO 15924 code, most frequent first; common and inherited ones are left out.

    Han characters count as `Hani`: which of simplified and traditional a text is in cannot be told per character.
    """
    counts: Counter[str] = Counter()
    for char, n_times in Counter(text).items():
        script = _script_of_letter(char)
        if script is not None:
            counts[script] += n_times
    return dict(counts.most_common())


def script_share(text: str, scripts: frozenset[str]) -> float:
    """Share in [0, 1] of a text's letters and marks that are in `scripts` (ISO 15924); 1 where it has no letters.

    Latin letters outside `scripts` are left out of both sides, so that code-mixed speech is no mismatch: ask
    `letters_by_script` for them. A text of nothing but unexpected Latin has the share 0. `Hans` and `Hant` mean `Hani`.
    """
    wanted = frozenset(HAN if script in _HAN_VARIANTS else script for script in scripts)
    counts = letters_by_script(text)
    n_latin = 0 if LATIN in wanted else counts.pop(LATIN, 0)
    n_letters = sum(counts.values())
    if n_letters == 0:
        return 0.0 if n_latin else 1.0
    return sum(counts.get(script, 0) for script in wanted) / n_letters


@lru_cache(maxsize=16_384)
def _script_of_letter(char: str) -> str | None:
    """Script of a letter or mark; None for anything else and for what is common or inherited."""
    if _LETTER_OR_MARK.match(char) is None:
        return None
    script = script_of(char)
    return None if script in (COMMON, INHERITED) else script
