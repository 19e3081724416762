"""Varieties as a table for people, and as JSON or TSV for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields

from rich.console import Console
from rich.table import Table

from pipeline.dialects import Dialect

FIELD_NAMES = tuple(field.name for field in fields(Dialect))
_LIST_SEPARATOR = "; "
_REGIONS_SHOWN = 4
_PIPED_WIDTH = 160
"""Columns of a table that goes into a file or another program, which have no width of their own."""


def as_json(dialects: Sequence[Dialect]) -> str:
    """A JSON array of objects with the fields of `Dialect`."""
    return json.dumps([asdict(dialect) for dialect in dialects], ensure_ascii=False, indent=2)


def as_tsv(dialects: Sequence[Dialect]) -> str:
    """Tab-separated lines under a heading of the fields of `Dialect`; an empty cell is None or an empty list."""
    rows = ([_cell(value) for value in asdict(dialect).values()] for dialect in dialects)
    return "\n".join("\t".join(row) for row in (FIELD_NAMES, *rows))


def print_table(dialects: Sequence[Dialect]) -> None:
    """Print what chooses a variety: what it is called, how it is written and drafted, and where it is spoken."""
    table = Table(box=None, pad_edge=False)
    table.add_column("tag", no_wrap=True)
    for heading in ("name", "own name", "script", "draft"):
        table.add_column(heading)
    table.add_column("longest", justify="right")
    table.add_column("where", overflow="fold")
    for dialect in dialects:
        table.add_row(*_table_row(dialect))
    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(table)


def _table_row(dialect: Dialect) -> tuple[str, ...]:
    return (
        dialect.tag,
        dialect.english_name,
        dialect.own_name,
        " ".join(dialect.scripts),
        _draft(dialect),
        f"{dialect.longest_segment_ms / 1000:g} s",
        _regions(dialect),
    )


def _draft(dialect: Dialect) -> str:
    if not dialect.is_drafted:
        return "none"
    return dialect.whisper_token or f"by {dialect.nearest_token}"


def _regions(dialect: Dialect) -> str:
    shown = ", ".join(dialect.regions[:_REGIONS_SHOWN])
    return f"{shown} ..." if len(dialect.regions) > _REGIONS_SHOWN else shown


def _cell(value: object) -> str:
    """A value of a field as TSV; booleans as in the catalogue's table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return _LIST_SEPARATOR.join(value)
    return "" if value is None else str(value)
