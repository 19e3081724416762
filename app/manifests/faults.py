"""What is wrong with the cells of a table, told all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_FAULTS_SHOWN = 20
_MOST_CHARACTERS_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that holds what it must not."""

    line: int
    """In the file, from 1; 0 where there is no file."""
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column!r}, value {shown(self.value)}: {self.expected}"


def shown(value: str) -> str:
    """A value as it is told back: never whole where it is long, its control characters as escapes."""
    return repr(value if len(value) <= _MOST_CHARACTERS_SHOWN else value[:_MOST_CHARACTERS_SHOWN] + "...")


def told(file: Path | str, faults: Sequence[Fault]) -> str:
    """The faults of a file, one a line, and the count of those that are too many to tell."""
    lines = [f"{file}: {fault}" for fault in faults[:MOST_FAULTS_SHOWN]]
    more = [f"... and {len(faults) - len(lines)} more"] if len(faults) > len(lines) else []
    return "\n".join([*lines, *more])
