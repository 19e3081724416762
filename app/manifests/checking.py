"""A whole manifest of recordings to be sent: every row is judged before anything moves."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import Invalid
from app.manifests.columns import ALIASES, facts_of
from app.manifests.facts import COLUMNS, SPEAKER_COLUMNS, Facts
from app.manifests.faults import Fault, shown, told
from app.manifests.tables import Line, TableInvalid, parse_table

PATH = "path"


@dataclass(frozen=True, slots=True)
class Row:
    """A recording as the manifest describes it. written: its path as the cell has it."""

    line: int
    written: str
    facts: Facts
    cells: dict[str, str]
    """As they were written, without the path and those that nobody reads."""


@dataclass(slots=True)
class Manifest:
    """What a manifest says, and everything that is wrong with it."""

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unused_columns: list[str] = field(default_factory=list)


def check_manifest(name: str, content: bytes) -> Manifest:
    """Judge a manifest; whether its files are there and whether it fits a project is judged by others.

    Raises:
        Invalid: it is no table, or has no column `path`.
    """
    try:
        lines = parse_table(Path(name), content)
    except TableInvalid as error:
        raise Invalid(str(error)) from error
    columns = list(lines[0].cells) if lines else []
    if PATH not in columns:
        there = f"its columns are {', '.join(map(shown, columns[:30]))}" if lines else "there is no recording in it"
        raise Invalid(f"{name}: {there}; expected a header with 'path' and one line a recording")
    manifest = Manifest(unused_columns=[each for each in columns if ALIASES.get(each, each) not in (PATH, *COLUMNS)])
    across = _Across()
    for line in lines:
        _judge(line, manifest, across)
    return manifest


def require_sound(name: str, manifest: Manifest) -> None:
    """Stop at a manifest with faults.

    Raises:
        Invalid: lists them, and counts those that are too many to list.
    """
    if manifest.faults:
        raise Invalid(told(name, sorted(manifest.faults, key=lambda fault: fault.line)))


@dataclass(slots=True)
class _Across:
    """What earlier lines said, by what must not be said twice."""

    lines_of_paths: dict[str, int] = field(default_factory=dict)
    lines_of_references: dict[str, int] = field(default_factory=dict)
    speakers: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)


def _judge(line: Line, manifest: Manifest, across: _Across) -> None:
    written = line.cells[PATH]
    facts, faults = facts_of({column: cell for column, cell in line.cells.items() if column != PATH}, line.number)
    faults += [*_path_faults(line.number, written, across), *_contradictions(line.number, facts, across)]
    manifest.faults += faults
    if not faults:
        cells = {each: cell for each, cell in line.cells.items() if cell and ALIASES.get(each, each) in COLUMNS}
        manifest.rows.append(Row(line.number, written, facts, cells))


def _path_faults(number: int, written: str, across: _Across) -> Iterator[Fault]:
    if not written:
        yield Fault(number, PATH, written, "expected the path of a recording")
        return
    first = across.lines_of_paths.setdefault(posixpath.normpath(written.replace("\\", "/")), number)
    if first != number:
        yield Fault(number, PATH, written, f"already on line {first}; expected each file once")


def _contradictions(number: int, facts: Facts, across: _Across) -> Iterator[Fault]:
    reference = facts.client_reference
    if reference is not None:
        first = across.lines_of_references.setdefault(reference, number)
        if first != number:
            yield Fault(number, "client_reference", reference, f"already on line {first}; expected each once")
    for column in SPEAKER_COLUMNS if facts.speaker else ():
        said = getattr(facts, column)
        if said is None:
            continue
        before, first = across.speakers.setdefault((str(facts.speaker), column), (said, number))
        if before != said:
            expected = f"expected {shown(before)}, as line {first} says of speaker {shown(str(facts.speaker))}"
            yield Fault(number, column, said, expected)
