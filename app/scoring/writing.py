"""Result files: whole or not there at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from app.errors import AppError


class OutputUnwritable(AppError):
    """A result that cannot be written where it was asked for."""


def writable(text: str) -> str:
    """The text with lone surrogates, which no encoding can hold, as U+FFFD."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def write_whole(path: Path, text: str) -> None:
    """Put a text in a file as UTF-8; what was there stays until the new one is complete.

    Raises: OutputUnwritable.
    """
    partial: Path | None = None
    try:
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            partial = Path(file.name)
            file.write(writable(text).encode())
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o666 & ~_umask())
        partial.replace(path)
    except OSError as error:
        if partial:
            partial.unlink(missing_ok=True)
        raise OutputUnwritable(f"cannot write {path}: {error.strerror}") from error


def _umask() -> int:
    """The process's mask of file rights; there is no way to read it without setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
