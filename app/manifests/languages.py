"""Dialects and languages as people write them: by tag, or by a name that one variety alone has."""

from __future__ import annotations

import re

from pipeline.dialects import Dialect
from pipeline.dialects.catalogue import all_dialects, get_dialect, unknown_dialect
from pipeline.dialects.search import folded
from pipeline.errors import UnknownDialect

_WELL_FORMED = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,6}")
"""Near enough to BCP 47 to tell a tag from a name. Source: RFC 5646, section 2.1."""


def dialect_tag(written: str) -> str:
    """The catalogue's tag of a variety, from its tag, an alias, or a name that is its own.

    Raises:
        LookupError: the catalogue has none, or several; the message names the nearest or all of them.
    """
    try:
        return get_dialect(written).tag
    except UnknownDialect as error:
        named = _named(written)
        if len(named) == 1:
            return named[0].tag
        if named:
            tags = ", ".join(dialect.tag for dialect in named)
            raise LookupError(f"is the name of several varieties; expected the tag of one of them: {tags}") from error
        raise LookupError(str(unknown_dialect(written[:80]))) from error


def language_tag(written: str) -> str:
    """Like `dialect_tag`, and a tag that the catalogue lacks is taken as it is: people's first languages are many.

    Raises:
        LookupError: neither a tag nor a name in the catalogue.
    """
    try:
        return dialect_tag(written)
    except LookupError:
        if _WELL_FORMED.fullmatch(written) and (len(written) <= 3 or "-" in written):
            return written
        raise


def _named(written: str) -> list[Dialect]:
    wanted = folded(written)
    return [
        dialect
        for dialect in all_dialects()
        if wanted and wanted in {folded(name) for name in (dialect.english_name, dialect.own_name)}
    ]
