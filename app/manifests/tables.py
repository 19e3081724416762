"""Tables as people send them: CSV, TSV or JSON Lines, with or without byte order mark, with any line ends."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""First bytes of xlsx and ods (ZIP archives) and of xls (a compound file)."""


class TableInvalid(Exception):
    """A file that cannot be read as a table; the message names file, line and what was expected."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table."""

    number: int
    """In the file, from 1."""
    cells: Mapping[str, str]
    """By column, NFC, without white space around; every column is there."""
    header_line: int = 1
    """Where the column names stand."""


def read_table(file: Path) -> list[Line]:
    """The lines of a CSV, TSV or JSON Lines file, without the empty ones.

    The kind follows from the name's ending, checked against the header. TSV is read without quoting: transcripts hold
    stray quotes. CSV has normal quoting, with comma or semicolon.

    Raises:
        TableInvalid: it cannot be opened or decoded, or a line does not fit the header.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise TableInvalid(f"{file}: cannot be read: {error.strerror}") from error
    return parse_table(file, content)


def parse_table(file: Path, content: bytes) -> list[Line]:
    """The lines of a table that came by another way than a file; `file` is its name.

    Raises:
        TableInvalid: it cannot be decoded, or a line does not fit the header.
    """
    text = _decoded(file, content)
    if not text.strip():
        raise TableInvalid(f"{file}: the file is empty; expected a header and one line a recording")
    header = text.lstrip("\r\n").splitlines()[0]
    if header.lstrip().startswith("{"):
        return list(_json_lines(file, text))
    rows = _tab_rows(text) if _is_tabbed(file, header) else _comma_rows(file, text, header)
    return list(_lines(file, rows))


def _decoded(file: Path, content: bytes) -> str:
    if content.startswith(_SPREADSHEETS):
        raise TableInvalid(f"{file}: it is a spreadsheet; save it as CSV (UTF-8) and give that")
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise TableInvalid(
            f"{file}: line {line}: byte {content[error.start]:#04x} is not UTF-8; save the table as UTF-8"
        ) from error


def _is_tabbed(file: Path, header: str) -> bool:
    """A header that holds only one of the two separators decides; the file's ending only where that leaves doubt."""
    if ("\t" in header) != ("," in header or ";" in header):
        return "\t" in header
    return file.suffix.lower() in {".tsv", ".tab"}


def _tab_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        yield number, line.split("\t")


def _comma_rows(file: Path, text: str, header: str) -> Iterator[tuple[int, list[str]]]:
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise TableInvalid(f"{file}: line {number}: not CSV: {error}") from error
        yield number, row


def _lines(file: Path, rows: Iterable[tuple[int, list[str]]]) -> Iterator[Line]:
    """Lines under the first row that is not empty; a short row has empty cells, a long one is a fault."""
    filled = ((number, [_tidy(cell) for cell in row]) for number, row in rows if any(cell.strip() for cell in row))
    header_line, columns = next(filled)
    columns = [column.lower() for column in columns]
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise TableInvalid(f"{file}: line {header_line}: column {twice[0]!r} stands twice; expected each column once")
    for number, row in filled:
        if any(row[len(columns) :]):
            raise TableInvalid(
                f"{file}: line {number}: {len(row)} cells under {len(columns)} columns; the first that is too many is "
                f"{row[len(columns)]!r}; expected as many as in the header on line {header_line}"
            )
        cells = [*row, *[""] * (len(columns) - len(row))]
        yield Line(number, dict(zip(columns, cells, strict=False)), header_line)


def _json_lines(file: Path, text: str) -> Iterator[Line]:
    """One object a line; all lines get the columns of all objects."""
    objects = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if line.strip():
            objects.append((number, _json_object(file, number, line)))
    columns = dict.fromkeys(column for _, cells in objects for column in cells)
    for number, cells in objects:
        yield Line(number, {column: cells.get(column, "") for column in columns}, objects[0][0])


def _json_object(file: Path, number: int, line: str) -> dict[str, str]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
        raise TableInvalid(f"{file}: line {number}: not JSON: {error}; expected one object a line") from error
    if not isinstance(value, dict):
        raise TableInvalid(f"{file}: line {number}: {type(value).__name__}; expected one JSON object a line")
    return {_tidy(column).lower(): _cell(cell) for column, cell in value.items()}


def _cell(value: object) -> str:
    if value is None:
        return ""
    return _tidy(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _tidy(cell: str) -> str:
    return unicodedata.normalize("NFC", cell.strip())
