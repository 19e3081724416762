"""Segments as a table for people, and as JSON or TSV for programs."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.screen import printable
from app.segmentation.service import SegmentedFile
from models.values import CutKind, Segment

TSV_FIELDS = ("file", "channel", "start_ms", "end_ms", "start_cut", "end_cut")
_PIPED_WIDTH = 160
"""Columns of a table that goes into a file or another program, which have no width of their own."""


def as_json(files: Sequence[SegmentedFile]) -> str:
    """A list with one object a file: its length and segments, or `is_readable` false, reason and remedy."""
    return json.dumps([_record(file) for file in files], ensure_ascii=False, indent=2)


def as_tsv(files: Sequence[SegmentedFile]) -> str:
    """Tab-separated lines under a heading, one a segment; files without speech and unreadable ones have none."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(TSV_FIELDS)
    writer.writerows([_name(file.path), *_fields(segment).values()] for file in files for segment in file.segments)
    return text.getvalue()


def print_table(files: Sequence[SegmentedFile]) -> None:
    """One row a segment, and below the table a line a file: how much of it is speech, how many cuts are forced."""
    table = Table("file", "channel", "start", "end", "length", "cut", box=None, pad_edge=False)
    for column in table.columns[1:5]:
        column.justify, column.no_wrap = "right", True
    table.columns[0].overflow = "fold"
    for file in files:
        for segment in file.segments:
            table.add_row(Text(printable(str(file.path))), *_cells(segment))
    console = Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH)
    console.print(table)
    for file in files:
        if file.fault is None:
            console.print(Text(f"{printable(str(file.path))}: {_summary(file)}"), soft_wrap=True)


def _record(file: SegmentedFile) -> dict[str, object]:
    record: dict[str, object] = {"file": _name(file.path), "is_readable": file.fault is None}
    if file.fault:
        return record | {"reason": file.fault.reason, "remedy": file.fault.remedy}
    return record | {
        "duration_ms": file.duration_ms,
        "n_channels": file.n_channels,
        "segments": [_fields(segment) for segment in file.segments],
    }


def _fields(segment: Segment) -> dict[str, int | str]:
    return {
        "channel": segment.channel,
        "start_ms": segment.span.start_ms,
        "end_ms": segment.span.end_ms,
        "start_cut": segment.start_cut.value,
        "end_cut": segment.end_cut.value,
    }


def _cells(segment: Segment) -> tuple[str, ...]:
    forced = [
        f"{cut.value} {edge}"
        for edge, cut in (("start", segment.start_cut), ("end", segment.end_cut))
        if cut is not CutKind.PAUSE
    ]
    times = (segment.span.start_ms, segment.span.end_ms)
    return (str(segment.channel), *map(_clock, times), f"{segment.span.duration_ms / 1000:.2f} s", ", ".join(forced))


def _clock(time_ms: int) -> str:
    seconds, ms = divmod(time_ms, 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"


def _summary(file: SegmentedFile) -> str:
    share = file.speech_share
    if not file.segments or share is None:
        return "no speech found"
    hard = f", {file.n_hard_cuts} of them cut within running speech" if file.n_hard_cuts else ""
    return f"{len(file.segments)} segments over {share:.0%} of {file.duration_ms / 1000:.1f} s{hard}"


def _name(path: Path) -> str:
    """The path as text that can be written anywhere; bytes that are no UTF-8 show as U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")
