"""Rules of Han text: variants and the space between characters."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import regex

from pipeline.text.rules import Rule, deletion, rewriting, substitution
from pipeline.text.tables import table

if TYPE_CHECKING:
    from opencc import OpenCC

_ENCODABLE = regex.compile(r"[^\ud800-\udfff]+")

# Before the variants are folded: these are looked up in phrases, and a space must not change the result.
JOIN_HAN: Final = deletion("join-han", "white space between Han characters says nothing", r"(?<=\p{Han}) +(?=\p{Han})")

SPACE_HAN: Final = substitution(
    "space-han", "each Han character is a token", r"(?<=\p{Han})(?=[^ \n])|(?<=[^ \n])(?=\p{Han})", " "
)

ZERO: Final = rewriting("zero", "two characters for nought", table("hani.zero"))
PRONOUNS: Final = rewriting("pronouns", "pronouns that sound the same", table("hani.pronouns"))


def _simplify(text: str) -> str:
    """Traditional characters as simplified ones; lone surrogates pass through."""
    convert = _traditional_to_simplified().convert
    try:
        return str(convert(text))
    except UnicodeEncodeError:
        return _ENCODABLE.sub(lambda found: convert(found[0]), text)


@lru_cache(maxsize=1)
def _traditional_to_simplified() -> OpenCC:
    """OpenCC's converter `t2s`, loaded at its first use."""
    from opencc import OpenCC

    return OpenCC("t2s")


SIMPLIFY: Final = Rule(
    "simplify", "traditional and simplified characters of one word (OpenCC t2s; many to one)", _simplify
)
