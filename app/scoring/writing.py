"""Results: files that are whole or not there at all, and standard output."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from app.errors import AppError


class OutputUnwritable(AppError):
    """A result that cannot be written where it was asked for."""


def writable(text: str) -> str:
    """The text with lone surrogates, which no encoding can hold, as U+FFFD."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def write_all(texts: Mapping[Path, str]) -> None:
    """Put texts in files as UTF-8, all of them or none; what was there stays until all new ones are complete.

    Raises: OutputUnwritable.
    """
    partial: dict[Path, Path] = {}
    created: list[Path] = []
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
            partial[path] = _written_beside(path, text)
        for path, complete in partial.items():
            was_there = path.exists()
            complete.replace(path)
            created += [] if was_there else [path]
    except OSError as error:
        for left in (*partial.values(), *created):
            left.unlink(missing_ok=True)
        raise OutputUnwritable(f"cannot write {path}: {error.strerror}") from error


def _written_beside(path: Path, text: str) -> Path:
    """A complete file in the folder of another, which it can take the place of."""
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        partial = Path(file.name)
        try:
            file.write(writable(text).encode())
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            partial.unlink(missing_ok=True)
            raise
    partial.chmod(0o666 & ~_umask())
    return partial


def to_standard_output(text: str) -> None:
    """Write a text as UTF-8, whatever the terminal or the pipe is said to take: transcripts need all of it."""
    sys.stdout.flush()
    if buffer := getattr(sys.stdout, "buffer", None):
        buffer.write(writable(text).encode())
        buffer.flush()
    else:
        sys.stdout.write(writable(text))


def _umask() -> int:
    """The process's mask of file rights; there is no way to read it without setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
