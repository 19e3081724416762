"""What `boli score` and `boli compare` have in common: their options as values, their errors, their output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

import typer

from app.errors import AppError
from app.scoring.inputs import Choices, Unmatched
from app.scoring.scores import Grouping
from app.scoring.writing import to_standard_output, writable, write_all
from pipeline.text.profiles import Level
from pipeline.transcripts import Kind

INCOMPLETE = 1
NOT_SCORED = 2
MOST_IDS_SHOWN = 10
HOUSE_LEVELS = (Level.CANONICAL, Level.LENIENT)
"""Shown where nobody asks for another: never one number alone."""


class OptionInvalid(AppError):
    """An option that names nothing known."""


def choices_from(
    dialect: str | None, metadata: Path | None, *, ref_format: str | None, hyp_format: str | None, unmatched: str
) -> Choices:
    """How files are read and paired."""
    return Choices(
        dialect,
        metadata,
        Kind(ref_format) if ref_format else None,
        Kind(hyp_format) if hyp_format else None,
        Unmatched(unmatched),
    )


def levels_from(name: str | None) -> tuple[Level, ...]:
    """The level that was asked for, or those that are shown side by side."""
    return (Level(name),) if name else HOUSE_LEVELS


def groupings_from(names: str) -> tuple[Grouping, ...]:
    """`speaker,district` as groupings.

    Raises: OptionInvalid.
    """
    given = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in given if name not in list(Grouping)]
    if unknown:
        raise OptionInvalid(f"--by {unknown[0]!r}: expected {', '.join(Grouping)}")
    return tuple(Grouping(name) for name in dict.fromkeys(given))


def checked_target(out: Path | None) -> None:
    """Refuse a target that cannot be written before the work is done, not after.

    Raises: OptionInvalid.
    """
    if out is None:
        return
    if out.is_dir():
        raise OptionInvalid(f"--out {out} is a folder; expected a file")
    if not out.parent.is_dir():
        raise OptionInvalid(f"--out {out}: there is no folder {out.parent}")


def checked_folder(folder: Path | None) -> None:
    """Refuse a folder that cannot be made before the work is done.

    Raises: OptionInvalid.
    """
    if folder is not None and folder.exists() and not folder.is_dir():
        raise OptionInvalid(f"--trn {folder} is a file; expected a folder")


def emit(text: str, out: Path | None, *, beside: Mapping[Path, str] = MappingProxyType({})) -> None:
    """Write a result to a file, or to standard output, and what goes into files beside it: all or nothing.

    Raises: OutputUnwritable.
    """
    write_all({**beside, out: text} if out else beside)
    if out is None:
        to_standard_output(text)


def tell(command: str, lines: Iterable[str]) -> None:
    """Say what a person must know on standard error."""
    for line in lines:
        typer.echo(writable(f"boli {command}: {line}"), err=True)


def fail(command: str, error: Exception) -> NoReturn:
    """Say what is wrong and leave; nothing was written."""
    typer.echo(writable(f"boli {command}: {error}"), err=True)
    raise typer.Exit(NOT_SCORED) from None
