"""What commands of an operator at the machine share: the same services as the API, straight on the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

import typer

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from sqlalchemy.orm import Session

_PIPED_WIDTH = 160
"""Columns of a table that goes into a file or another program, which have no width of their own."""


@contextmanager
def operator_session(command: str) -> Iterator[Session]:
    """A transaction on the database of the settings, brought up to date first. Mistakes are told, with exit code 1."""
    from pydantic import ValidationError

    from app.database.service import migrate
    from app.db import open_engine, sessions, transaction
    from app.errors import AppError
    from app.settings import load_settings

    try:
        url = load_settings().database_url
        migrate(url)
        engine = open_engine(url)
        try:
            with transaction(sessions(engine)) as session:
                yield session
        finally:
            engine.dispose()
    except AppError as error:
        typer.echo(f"{command}: {error}", err=True)
        raise typer.Exit(1) from None
    except ValidationError as error:
        typer.echo(f"{command}: {_faults(error)}", err=True)
        raise typer.Exit(1) from None


def print_models(models: Iterable[BaseModel]) -> None:
    """Print one JSON object a line."""
    for model in models:
        typer.echo(model.model_dump_json())


def print_table(headings: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """Print a table; None is an empty cell."""
    import sys

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))  # Text: no markup in names
    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(table)


def parsed_id(text: str, *, what: str) -> UUID:
    """An id as it was typed.

    Raises:
        Invalid: it is none.
    """
    from app.errors import Invalid

    try:
        return UUID(text)
    except ValueError:
        raise Invalid(f"{text!r} is no id of a {what}; `boli {what}s list` shows those there are") from None


def _faults(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, each['loc']))} is {each['input']!r}: {each['msg'].removeprefix('Value error, ')}"
        for each in error.errors()
    )
