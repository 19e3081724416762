"""Manifests: a table that gives each recording its dialect and whatever else is known of it.

A whole manifest is judged before anything runs, and every fault is told at once with file, line, column, value and what
was expected.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import AppError
from app.manifests.faults import Fault, told
from app.manifests.paths import find_file
from app.manifests.tables import Line, TableInvalid, read_table
from pipeline.dialects.catalogue import Dialect, get_dialect
from pipeline.errors import UnknownDialect


class ManifestInvalid(AppError):
    """A manifest with faults; `message` lists them, one a line."""

    status = 422


@dataclass(frozen=True, slots=True)
class Entry:
    """One recording as the manifest describes it."""

    path: Path
    """Absolute, of a file that exists; links are not followed, so that names stay as they are written."""
    dialect: Dialect | None
    """None where the cell is empty: the run's own dialect then counts."""
    metadata: Mapping[str, str]
    """Every other column that is not empty."""
    line: int
    """Where it stands in the manifest, from 1."""


def read_manifest(file: Path, *, folders: Sequence[Path] = ()) -> list[Entry]:
    """The manifest's recordings, in its order.

    A relative path is looked for beside the manifest, then in each of `folders`. The dialect stands in the column `tag`
    or, where there is none, `dialect`.

    Raises:
        ManifestInvalid: it cannot be read, has no column `path`, or any line has a fault.
    """
    try:
        lines = read_table(file)
    except TableInvalid as error:
        raise ManifestInvalid(str(error)) from error
    if not lines:
        raise ManifestInvalid(f"{file}: there is no recording in it; expected a header and one line a recording")
    columns = list(lines[0].cells)
    if "path" not in columns:
        raise ManifestInvalid(
            f"{file}: line {lines[0].header_line}: no column 'path'; its columns are {', '.join(map(repr, columns))}; "
            "expected 'path' and 'tag' (or 'dialect')"
        )
    return _checked(file, lines, (file.parent, *folders))


def _checked(file: Path, lines: Sequence[Line], folders: Sequence[Path]) -> list[Entry]:
    entries: list[Entry] = []
    faults: list[Fault] = []
    first_lines: dict[str, int] = {}
    for line in lines:
        found = list(_faults_or_entry(line, folders, first_lines))
        entries += [result for result in found if isinstance(result, Entry)]
        faults += [result for result in found if isinstance(result, Fault)]
    if faults:
        raise ManifestInvalid(told(file, faults))
    return entries


def _faults_or_entry(line: Line, folders: Sequence[Path], first_lines: dict[str, int]) -> Iterator[Entry | Fault]:
    written = line.cells.get("path", "")
    path = find_file(written, folders)
    dialect_column = "tag" if "tag" in line.cells else "dialect"
    dialect = _dialect(line, dialect_column)
    if path is None:
        looked = ", ".join(str(folder) for folder in folders)
        missing = "expected the path of a recording" if not written else f"no such file; looked in {looked}"
        yield Fault(line.number, "path", written, missing)
    elif os.path.realpath(path) in first_lines:
        first = first_lines[os.path.realpath(path)]
        yield Fault(line.number, "path", written, f"already on line {first}; expected each file once")
    if isinstance(dialect, Fault):
        yield dialect
    if path is not None and os.path.realpath(path) not in first_lines and not isinstance(dialect, Fault):
        known = ("path", dialect_column)
        metadata = {column: cell for column, cell in line.cells.items() if cell and column not in known}
        yield Entry(path, dialect, metadata, line.number)
    if path is not None:
        first_lines.setdefault(os.path.realpath(path), line.number)


def _dialect(line: Line, column: str) -> Dialect | Fault | None:
    written = line.cells.get(column, "")
    if not written:
        return None
    try:
        return get_dialect(written)
    except UnknownDialect as error:
        return Fault(line.number, column, written, str(error))
