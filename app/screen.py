"""Text as a person sees it in a terminal or a log: nothing in it can move the cursor or pass for a line of ours."""

from __future__ import annotations

import io
import sys


def printable(text: str) -> str:
    """One line, in which control codes, line ends and bytes that are no characters show as escapes.

    Names of files come from anybody: they may hold escape sequences, marks that turn the direction of writing, and on
    old recorders bytes that are no UTF-8.
    """
    shown = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in shown)


def mistake_line(command: str, error: BaseException) -> str:
    """What a command says of a mistake; a message of several lines is indented, so that none passes for another."""
    first, *rest = [printable(line) for line in str(error).split("\n")]
    return "\n".join([f"{command}: {first}", *(f"  {line}" for line in rest)])


def fault_of(error: OSError) -> str:
    """What the system says, with the file that it is about."""
    reason = error.strerror or str(error) or type(error).__name__
    return reason if error.filename is None else f"{error.filename}: {reason}"


def make_streams_write_anything() -> None:
    """Let standard output and error take every character: as UTF-8 where the system says ASCII, as escapes elsewhere.

    Source: PEP 538, which takes the C locale for one that nobody chose.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_ascii = stream.encoding.lower().replace("_", "-") in ("ascii", "us-ascii", "ansi-x3.4-1968")
            stream.reconfigure(encoding="utf-8" if is_ascii else None, errors="backslashreplace")


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
