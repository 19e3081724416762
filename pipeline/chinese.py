"""Chinese drafts in the script of their variety."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.dialects import Dialect

if TYPE_CHECKING:
    from opencc import OpenCC

_STANDARD_BY_COUNTRY = {"TW": "s2tw", "HK": "s2hk"}


def conversion_for(dialect: Dialect) -> str | None:
    """Name of the OpenCC conversion into the first script of a variety; None where it is not written in Han.

    Source: BYVoid/OpenCC, its configurations; research on mixed output under the token `zh`: openai/whisper
    discussion 277.
    """
    match dialect.scripts[0]:
        case "Hans":
            return "t2s"
        case "Hant":
            return _STANDARD_BY_COUNTRY.get(dialect.countries[0] if dialect.countries else "", "s2t")
        case _:
            return None


def in_script_of(dialect: Dialect, text: str) -> str:
    """The text in simplified or traditional characters, as the variety is written; others unchanged."""
    name = conversion_for(dialect)
    return text if name is None else str(_converter(name).convert(text))


@lru_cache(maxsize=4)
def _converter(name: str) -> OpenCC:
    from opencc import OpenCC

    return OpenCC(name)
