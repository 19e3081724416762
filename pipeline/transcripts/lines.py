"""Text files as numbered lines, whatever ends them, in little memory."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.transcripts.values import TranscriptInvalid

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MOST_LINE_BYTES = 64_000_000
"""A longer line is no record of a recording: ten hours with the times of all words are some 10 MB."""


@dataclass(frozen=True, slots=True)
class Source:
    """One transcript file."""

    path: Path
    prefix: str = ""
    """What tells ids of this file apart from those of its neighbours in a folder, for formats without ids."""

    @property
    def name(self) -> str:
        """The path as text that can be written anywhere; bytes that are no UTF-8 show as U+FFFD."""
        return os.fsencode(self.path).decode("utf-8", "replace")

    @property
    def stem(self) -> str:
        """The name of the recording where the file is named after it."""
        return self.prefix or self.path.stem

    def fault(self, line: int | None, problem: str) -> TranscriptInvalid:
        """The error for a problem in a line, or in the file as a whole."""
        return TranscriptInvalid(f"{self.name}: " + (f"line {line}: " if line else "") + problem)


def numbered_lines(source: Source) -> Iterator[tuple[int, str]]:
    """Each line with its number from 1, without its end: LF, CR LF, CR, or all of them in one file.

    UTF-8 with or without byte order mark; UTF-16 with one.

    Raises:
        TranscriptInvalid: it cannot be opened, is not text in these encodings, or holds nothing at all.
    """
    number = 0
    try:
        with source.path.open("rb") as file:
            if file.read(2) in _UTF16_MARKS:
                yield from _utf16_lines(source)
                return
            file.seek(0)
            for raw in _bounded(file, source):
                for line in _decoded(raw, source, number + 1).split("\r"):
                    number += 1
                    yield number, line
    except OSError as error:
        reason = "is a folder" if source.path.is_dir() else f"cannot be read: {error.strerror}"
        raise source.fault(None, f"{reason}; expected a transcript file") from error
    if not number:
        raise source.fault(None, "the file is empty; expected at least one utterance")


def _bounded(file: Iterator[bytes], source: Source) -> Iterator[bytes]:
    """Lines of bytes without LF or CR LF, the first without the UTF-8 mark."""
    for number, raw in enumerate(file, start=1):
        if len(raw) > MOST_LINE_BYTES and b"\r" not in raw:
            most_mb = MOST_LINE_BYTES / 1e6
            raise source.fault(
                number, f"{len(raw) / 1e6:.0f} MB in one line; expected at most {most_mb:.0f} MB, an utterance a line"
            )
        line = raw.removesuffix(b"\n").removesuffix(b"\r")
        yield line.removeprefix(codecs.BOM_UTF8) if number == 1 else line


def _decoded(raw: bytes, source: Source, number: int) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = number + raw[: error.start].count(b"\r")
        byte = error.start - raw.rfind(b"\r", 0, error.start)
        raise source.fault(
            line, f"byte {byte} of the line, {raw[error.start]:#04x}, is not UTF-8; save the file as UTF-8"
        ) from error
    if "\0" in text:
        line = number + text[: text.index("\0")].count("\r")
        raise source.fault(line, "holds a zero byte: this is no text file, or one in UTF-16; save it as UTF-8")
    return text


def _utf16_lines(source: Source) -> Iterator[tuple[int, str]]:
    try:
        text = source.path.read_bytes().decode("utf-16")
    except UnicodeDecodeError as error:
        raise source.fault(None, "begins as UTF-16 but is not; save the file as UTF-8") from error
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    yield from enumerate(lines, start=1)
