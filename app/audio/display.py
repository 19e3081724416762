"""Findings as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.audio.service import Finding
from app.screen import printable
from pipeline.quality import ChannelQuality

COLUMNS = ("file", "format", "length", "LUFS", "SNR", "silent", "kHz", "clipped")


def print_table(findings: Iterable[Finding], console: Console) -> None:
    """One row a channel; below the table what to know or do about single files, and those that could not be read."""
    table = Table(*COLUMNS)
    for column in table.columns[2:]:
        column.justify, column.no_wrap = "right", True
    table.columns[0].overflow = "fold"
    notes = []
    for finding in findings:
        for row in _rows(finding):
            table.add_row(*map(Text, row))
        notes += [Text(printable(f"{finding.path}: {remark}")) for remark in finding.remarks]
        if finding.fault:
            notes.append(Text(printable(f"cannot be read: {finding.fault}"), style="red"))
    if table.row_count:
        console.print(table)
    for note in notes:
        console.print(note, soft_wrap=True)


def as_json(findings: Iterable[Finding]) -> str:
    """A list with one object a file: `file`, `is_readable`, then its figures and remarks, or reason and remedy."""
    return json.dumps([_record(finding) for finding in findings], ensure_ascii=False, indent=2)


def _record(finding: Finding) -> dict[str, object]:
    record: dict[str, object] = {"file": printable(str(finding.path)), "is_readable": finding.probe is not None}
    if finding.fault:
        return record | {"reason": finding.fault.reason, "remedy": finding.fault.remedy}
    assert finding.probe
    return record | asdict(finding.probe) | {"remarks": [printable(remark) for remark in finding.remarks]}


def _rows(finding: Finding) -> list[list[str]]:
    if not finding.probe:
        return []
    kind = finding.probe.format
    rows = [["", "", "", *_cells(channel)] for channel in finding.probe.channels]
    rows[0][0] = printable(finding.path.name)
    rows[0][1] = f"{kind.codec} {kind.rate_hz / 1000:g} kHz x {kind.n_channels}"
    rows[0][2] = _clock(finding.probe.channels[0].duration_ms)
    return rows


def _cells(channel: ChannelQuality) -> list[str]:
    return [
        "-" if channel.loudness_lufs is None else f"{channel.loudness_lufs:.1f}",
        "-" if channel.snr_db is None else f"{channel.snr_db:.0f} dB",
        f"{channel.silence_share:.0%}",
        f"{channel.bandwidth_hz / 1000:.1f}",
        f"{channel.clipping_share:.2%}",
    ]


def _clock(duration_ms: int) -> str:
    seconds, ms = divmod(duration_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}.{ms // 100}"
