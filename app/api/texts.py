"""Texts that people send: trimmed, NFC, no longer than they may be, without characters that nobody sees."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

_LINE_BREAKS = "\n\t"


class Body(BaseModel):
    """The body of a request: a field that is not known is refused, so that a misspelt one is no silent loss."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Row(BaseModel):
    """An answer, read from the attributes of a row."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _tidy(value: Any) -> Any:
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else value


def _one_line(value: str) -> str:
    return _without_controls(value, allowed="")


def _lines(value: str) -> str:
    return _without_controls(value, allowed=_LINE_BREAKS)


def _without_controls(value: str, *, allowed: str) -> str:
    """Text as it came. Cc are control characters, Cs halves of surrogate pairs, which no database takes."""
    for character in value:
        if unicodedata.category(character) in ("Cc", "Cs") and character not in allowed:
            raise ValueError(f"expected text without control characters, found U+{ord(character):04X}")
    return value


def _catalogue_tag(value: str) -> str:
    from pipeline.dialects import get_dialect
    from pipeline.errors import UnknownDialect

    try:
        return get_dialect(value).tag
    except UnknownDialect as error:
        raise ValueError(str(error)) from error


_TIDY = BeforeValidator(_tidy)
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), _TIDY, AfterValidator(_one_line)]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=500), _TIDY, AfterValidator(_one_line)]
LongText = Annotated[str, StringConstraints(max_length=100_000), _TIDY, AfterValidator(_lines)]
DialectTag = Annotated[
    str, StringConstraints(min_length=1, max_length=100), _TIDY, AfterValidator(_catalogue_tag),
    Field(description="Tag from the catalogue (`boli dialects`).", examples=["te-IN-x-rayala"]),
]  # fmt: skip
