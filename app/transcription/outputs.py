"""Output files: whole or not there at all, and never in place of what a person has changed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.errors import AppError
from app.transcription.ledger import STATE_FOLDER, FolderUnusable, Ledger

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}
SUMMARY_FILE = "summary.json"


class OutputKept(AppError):
    """A file that stands where an output belongs and that no run has written: it is left alone."""

    status = 409


class Outputs:
    """The files of one output folder.

    Each is written beside the ledger, flushed to the disk and only then moved to its place. The move itself is not
    flushed: if a power cut undoes it, the next run writes the file again from the ledger.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._partial = ledger.folder / STATE_FOLDER / "partial"
        try:
            self._partial.mkdir(exist_ok=True)
            for left_over in self._partial.iterdir():
                left_over.unlink()
        except OSError as error:
            raise FolderUnusable(f"cannot write to {self._partial}: {error.strerror}; choose another folder") from error

    def write(self, texts: Mapping[str, str]) -> None:
        """Put each text under its name, a path inside the folder with `/` between its parts.

        Raises:
            OutputKept: another file is in the place of one; the others are written all the same.
            FolderUnusable: the disk is full or the folder cannot be written.
        """
        contents = {output: text.encode("utf-8") for output, text in texts.items()}
        hashes = {output: hashlib.sha256(content).hexdigest() for output, content in contents.items()}
        present = {output: _sha256_of(self._ledger.folder / output) for output in contents}
        changed = [output for output in contents if present[output] != hashes[output]]
        kept = [output for output in changed if not self._is_ours(output, present[output])]
        self._ledger.keep_written({output: hashes[output] for output in changed if output not in kept})
        for output in changed:
            if output not in kept:
                self._place(contents[output], self._ledger.folder / output)
        if kept:
            raise OutputKept(
                f"{self._ledger.folder / kept[0]} is left alone: not from Boli, or changed since Boli wrote it"
            )

    def _is_ours(self, output: str, sha256: str | None) -> bool:
        return sha256 is None or self._ledger.has_written(output, sha256)

    def write_summary(self, summary: dict[str, Any]) -> None:
        """Put the summary in its place; it belongs to Boli and is replaced at each run.

        Raises:
            FolderUnusable: as above.
        """
        content = json.dumps(summary, ensure_ascii=False, indent=2) + "\n"
        self._place(content.encode("utf-8", "replace"), self._ledger.folder / SUMMARY_FILE)

    def _place(self, content: bytes, target: Path) -> None:
        partial = self._partial / "output"
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            target.parent.mkdir(parents=True, exist_ok=True)
            partial.replace(target)
        except OSError as error:
            partial.unlink(missing_ok=True)
            if error.errno in _NO_ROOM:
                raise FolderUnusable(
                    f"cannot write {target}: {error.strerror}; make room and run the same command again, "
                    "what is drafted is kept"
                ) from error
            raise OutputKept(f"cannot write {target}: {error.strerror}") from error


def _sha256_of(file: Path) -> str | None:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputKept(f"cannot write {file}: {error.strerror}") from error
