"""What files hash to, remembered from run to run: the rest is known to the service."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

PIECE_BYTES = 1024 * 1024
_FILE = "hashes.sqlite3"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS hash (
    path BLOB PRIMARY KEY, size_bytes INTEGER NOT NULL, modified_ns INTEGER NOT NULL, sha256 TEXT NOT NULL
) WITHOUT ROWID
"""


class Hashes:
    """Hashes by path, size and time of change. Where the folder cannot be written, nothing is remembered."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = _opened(folder / _FILE)
        except (OSError, sqlite3.Error):
            self._database = _opened(Path(":memory:"))

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def of(self, path: Path, pause: Callable[[], None]) -> str:
        """What a file hashes to; pause: called between pieces, may raise to stop."""
        before = path.stat()
        key = (os.fsencode(path), before.st_size, before.st_mtime_ns)
        known = self._asked("SELECT sha256 FROM hash WHERE path = ? AND size_bytes = ? AND modified_ns = ?", *key)
        if known is not None:
            return known
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                pause()
                digest.update(piece)
        self._asked("INSERT OR REPLACE INTO hash VALUES (?, ?, ?, ?)", *key, digest.hexdigest())
        return digest.hexdigest()

    def _asked(self, statement: str, *values: object) -> str | None:
        with self._lock:
            try:
                row = self._database.execute(statement, values).fetchone()
            except sqlite3.Error:
                return None  # a full disk or a lock: the file is only read once more
        return str(row[0]) if row else None


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute(_SCHEMA)
    return database
