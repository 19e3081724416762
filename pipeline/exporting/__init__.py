"""Transcripts as files that other tools read: one module a format, each with `render(transcript) -> str`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.exporting import ctm, eaf, jsonl, srt, textgrid, tsv, txt, vtt
from pipeline.exporting.transcript import Row, Transcript

__all__ = ["FORMATS", "Format", "Row", "Transcript"]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a transcript; always UTF-8 with `\\n` line ends, and the same bytes for the same transcript."""

    name: str
    suffix: str
    render: Callable[[Transcript], str]


FORMATS = {
    format_.name: format_
    for format_ in (
        Format("jsonl", ".jsonl", jsonl.render),
        Format("srt", ".srt", srt.render),
        Format("vtt", ".vtt", vtt.render),
        Format("txt", ".txt", txt.render),
        Format("textgrid", ".TextGrid", textgrid.render),
        Format("eaf", ".eaf", eaf.render),
        Format("ctm", ".ctm", ctm.render),
        Format("tsv", ".tsv", tsv.render),
    )
}
"""Every format by name, in the order in which they are listed to people."""
