"""Tables: `id<TAB>text`, or columns under a header; TSV without quoting, CSV with it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from itertools import chain

from models.values import Span
from pipeline.transcripts import columns
from pipeline.transcripts.lines import Source, numbered_lines
from pipeline.transcripts.times import span_of
from pipeline.transcripts.values import About, Utterance, tidy, timed_id

Row = tuple[int, list[str]]
_FIRST_CHANNEL = "1"
_MOST_DIGITS = 12
"""Of a time in milliseconds: thirty years."""
_HEADER = f"one of {', '.join((*columns.ID, *columns.RECORDING))}, and one of {', '.join(columns.TEXT)}"


def read_tsv(source: Source) -> Iterator[Utterance]:
    """One utterance a line; quotes are letters as any other, for transcripts hold stray ones."""
    rows = ((number, line.split("\t")) for number, line in numbered_lines(source) if line.strip())
    return _utterances(source, rows)


def read_csv(source: Source) -> Iterator[Utterance]:
    """One utterance a row, cells parted by commas or semicolons."""
    return _utterances(source, _comma_rows(source))


def read_about(source: Source) -> Iterator[tuple[int, str, About]]:
    """Line, id or recording, and what a table says of its speaker; the table needs a header and no texts.

    Raises:
        TranscriptInvalid: it has no header with an id or a recording.
    """
    is_tabbed = source.path.suffix.lower() not in (".csv",)
    rows = (
        ((number, line.split("\t")) for number, line in numbered_lines(source) if line.strip())
        if is_tabbed
        else _comma_rows(source)
    )
    first = next(rows, None)
    if first is None:
        raise source.fault(None, "holds only empty lines; expected a header with the column id or recording")
    names = _header(first[1])
    if not set(names) & {*columns.ID, *columns.RECORDING}:
        raise source.fault(1, f"columns {', '.join(names)}; expected a header with the column id or recording")
    for number, cells in rows:
        row = _by_name(source, number, names, cells)
        key = columns.first_of(columns.ID, row) or columns.first_of(columns.RECORDING, row)
        if key:
            yield number, key, columns.about_of(row)


def _comma_rows(source: Source) -> Iterator[Row]:
    lines = numbered_lines(source)
    first = next(lines, None)
    if first is None:
        return
    delimiter = ";" if first[1].count(";") > first[1].count(",") else ","
    reader = csv.reader((line + "\n" for _, line in chain([first], lines)), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise source.fault(number, f"not CSV: {error}") from error
        if any(cell.strip() for cell in row):
            yield number, row


def _utterances(source: Source, rows: Iterator[Row]) -> Iterator[Utterance]:
    first = next(rows, None)
    if first is None:
        raise source.fault(None, "holds only empty lines; expected `id<TAB>text` or a header")
    names = _header(first[1])
    if set(names) & set(columns.TEXT) and set(names) & {*columns.ID, *columns.RECORDING, *columns.START_MS}:
        yield from _with_header(source, names, rows)
        return
    _check_headless(source, first[0], names)
    for number, cells in chain([first], rows):
        if len(cells) != 2:
            raise source.fault(
                number,
                f"{len(cells)} cells; expected two, `id<TAB>text`, or a first line that names the columns: {_HEADER}",
            )
        yield Utterance(_id(source, number, cells[0]), cells[1], source.name, number)


def _check_headless(source: Source, number: int, names: list[str]) -> None:
    """Refuse a first line that names some columns and not all that are needed: it would be scored as an utterance."""
    known = [name for name in names if name in columns.ALL]
    # The second of two cells is a text: a word such as `start` may be all that was said.
    is_utterance = len(names) == 2 and names[0] not in columns.ALL and names[1] not in columns.TEXT
    if known and not is_utterance:
        what = "is the name of a column" if len(known) == 1 else "are names of columns"
        raise source.fault(
            number,
            f"{', '.join(map(repr, known))} {what}, but {', '.join(map(repr, names))} is no whole header; expected "
            f"{_HEADER}. Where the line is an utterance, put a line `id<TAB>text` above it",
        )


def _header(cells: list[str]) -> list[str]:
    return [tidy(cell).lower() for cell in cells]


def _with_header(source: Source, names: list[str], rows: Iterator[Row]) -> Iterator[Utterance]:
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise source.fault(None, f"column {twice[0]!r} stands twice; expected each column once")
    for number, cells in rows:
        yield from utterance_of(source, number, _by_name(source, number, names, cells))


def _by_name(source: Source, number: int, names: list[str], cells: list[str]) -> Mapping[str, str]:
    if any(cell.strip() for cell in cells[len(names) :]):
        raise source.fault(number, f"{len(cells)} cells under {len(names)} columns")
    return dict(zip(names, cells, strict=False))


def utterance_of(source: Source, number: int, cells: Mapping[str, str]) -> Iterator[Utterance]:
    """The one utterance of a row; its id is its own, or follows from recording and time, or is its recording.

    Raises:
        TranscriptInvalid: neither is there.
    """
    recording = columns.first_of(columns.RECORDING, cells)
    start = columns.first_of(columns.START_MS, cells)
    id_ = columns.first_of(columns.ID, cells)
    span = None
    channel = _channel(source, number, columns.first_of(columns.CHANNEL, cells))
    if start is not None:
        recording = recording or source.stem
        span = _span(source, number, start, columns.first_of(columns.END_MS, cells))
        id_ = id_ or timed_id(recording, channel, span.start_ms)
    text = next((cells[name] for name in columns.TEXT if cells.get(name)), "")
    yield Utterance(
        _id(source, number, id_ or recording or ""),
        text,
        source.name,
        number,
        columns.about_of(cells),
        recording=recording,
        channel=channel if span else None,
        span=span,
    )


def _id(source: Source, number: int, id_: str) -> str:
    id_ = tidy(id_)
    if not id_:
        raise source.fault(number, "has no id")
    return id_


def _channel(source: Source, number: int, channel: str | None) -> str:
    """Tables count channels from 0, as Boli writes them; NIST formats from 1."""
    if channel is None:
        return _FIRST_CHANNEL
    if not (channel.isdecimal() and len(channel) <= _MOST_DIGITS):
        raise source.fault(number, f"channel {channel[:40]!r}; expected a number from 0")
    return str(int(channel) + 1)


def _span(source: Source, number: int, start: str, end: str | None) -> Span:
    times = []
    for time in (start, end or start):
        if not (time.isascii() and time.isdigit() and len(time) <= _MOST_DIGITS):
            raise source.fault(number, f"{time[:40]!r} is no time; expected whole milliseconds from the start")
        times.append(int(time))
    return span_of(source, number, *times)
