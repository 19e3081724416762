"""Rules of Han text: variants and the space between characters."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import regex

from pipeline.text.rules import Rule, deletion, rewriting
from pipeline.text.tables import table

if TYPE_CHECKING:
    from opencc import OpenCC

_ENCODABLE = regex.compile(r"[^\ud800-\udfff]+")

_HAN_APART = regex.compile(r"([^\p{Han} \n]) (?=[^\p{Han} \n])")

JOIN_HAN: Final = deletion(
    "join-han", "white space around Han characters says nothing", r"(?<=\p{Han}) +| +(?=\p{Han})"
)


def _space_han(text: str) -> str:
    """Spaces between all characters, then none inside what is not Han."""
    return _HAN_APART.sub(r"\1", " ".join(text))


SPACE_HAN: Final = Rule("space-han", "each Han character is a token", _space_han)

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
