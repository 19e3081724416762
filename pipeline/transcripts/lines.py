"""Text files as numbered lines, whatever ends them, in little memory."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from pipeline.transcripts.values import TranscriptInvalid

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_ZERO_BYTE = "holds a zero byte: this is no text file, or one in another encoding; save it as UTF-8"
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
            # Pipes cannot be read twice, so that the mark is looked for in what is read anyway.
            first = file.readline(MOST_LINE_BYTES + 1)
            if first.startswith(_UTF32_MARKS):
                raise source.fault(None, "is in UTF-32; save the file as UTF-8")
            if first.startswith(_UTF16_MARKS):
                yield from _utf16_lines(first + file.read(), source)
                return
            for raw in _bounded(first.removeprefix(codecs.BOM_UTF8), file, source):
                for line in _decoded(raw, source, number + 1).split("\r"):
                    number += 1
                    yield number, line
    except OSError as error:
        reason = "is a folder" if source.path.is_dir() else f"cannot be read: {error.strerror or error}"
        raise source.fault(None, f"{reason}; expected a transcript file") from error
    if not number:
        raise source.fault(None, "the file is empty; expected at least one utterance")


def _bounded(first: bytes, file: BufferedReader, source: Source) -> Iterator[bytes]:
    """Lines of bytes without LF or CR LF, never more than twice the longest in memory.

    Where no LF comes for long, the stretch is parted at a CR: a file of the old Macintosh is one such stretch.
    """
    held = first
    number = 1
    while held:
        if held.endswith(b"\n") or len(held) <= MOST_LINE_BYTES:
            yield held.removesuffix(b"\n").removesuffix(b"\r")
            number += held.count(b"\r") + 1 - held.endswith(b"\r\n")
            held = file.readline(MOST_LINE_BYTES + 1)
            continue
        cut = held.rfind(b"\r", 0, -1)
        if cut < 0:
            raise source.fault(
                number, f"more than {MOST_LINE_BYTES / 1e6:.0f} MB in one line; expected an utterance a line"
            )
        yield held[:cut]
        number += held.count(b"\r", 0, cut) + 1
        held = held[cut + 1 :] + file.readline(MOST_LINE_BYTES + 1)


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
        raise source.fault(line, _ZERO_BYTE)
    return text


def _utf16_lines(content: bytes, source: Source) -> Iterator[tuple[int, str]]:
    try:
        text = content.decode("utf-16")
    except UnicodeDecodeError as error:
        raise source.fault(None, "begins as UTF-16 but is not; save the file as UTF-8") from error
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            raise source.fault(number, _ZERO_BYTE)
        yield number, line
