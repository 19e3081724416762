"""sha256 of weights, remembered so that gigabytes are not hashed at each start."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from pipeline.errors import ModelUnavailable

REVISION_DIGITS = 12


def sha256_of(file: Path) -> str:
    """Hex digest of a file's bytes, read anew.

    Raises:
        ModelUnavailable: the file cannot be read.
    """
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnavailable(f"{file}: cannot be read ({error.strerror})") from error


def remembered_sha256(file: Path) -> str:
    """Hex digest of a file's bytes; from the note beside it while size and time of change are the same.

    A folder that cannot be written to gets no note, and its weights are hashed each time.
    """
    try:
        stat = file.stat()
    except OSError as error:
        raise ModelUnavailable(f"{file}: cannot be read ({error.strerror})") from error
    stamp = {"size_bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns}
    note = _noted(file)
    if note is not None and all(note.get(key) == value for key, value in stamp.items()):
        return str(note["sha256"])
    digest = sha256_of(file)
    with contextlib.suppress(OSError):
        _write_note(file, {**stamp, "sha256": digest})
    return digest


def noted_sha256(file: Path) -> str | None:
    """The digest that was last noted for a file, whatever became of the file since; None where none was."""
    note = _noted(file)
    return None if note is None else str(note["sha256"])


def combined_sha256(files: list[Path]) -> str:
    """One digest for the weights of a model: the file's own for one file, else that of the digests in order of name."""
    digests = [remembered_sha256(file) for file in sorted(files)]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _note_path(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256.json")


def _noted(file: Path) -> dict[str, object] | None:
    try:
        note = json.loads(_note_path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return note if isinstance(note, dict) and isinstance(note.get("sha256"), str) else None


def _write_note(file: Path, note: dict[str, object]) -> None:
    path = _note_path(file)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(note) + "\n", encoding="utf-8")
    partial.replace(path)
