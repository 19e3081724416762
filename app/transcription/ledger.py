"""What is done, kept so that neither a kill nor a power cut loses more than the segment at hand.

SQLite rather than a journal of our own, for four things that it has and that would have to be written and proved: a
torn last write is rolled back on the next start; `synchronous=FULL` puts each draft on the disk before the next one is
taken; a full disk fails one transaction and leaves the rest whole; and in exclusive locking mode the lock on the file
goes with the process, on Windows as on Linux, so two runs cannot share a folder. Exclusive mode also needs no shared
memory: the folder may lie on a network drive.

Source: sqlite.org/pragma.html (locking_mode, synchronous), sqlite.org/wal.html section 9 (WAL without shared memory).
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from app.errors import AppError
from app.transcription.records import Plan, outcome_from_json, outcome_to_json, plan_from_json, plan_to_json
from models.values import Draft, NoDraft

STATE_FOLDER = ".boli"
_FILE = "ledger.sqlite3"
_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS plan (work TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outcome (
    work TEXT NOT NULL, position INTEGER NOT NULL, content TEXT NOT NULL, PRIMARY KEY (work, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS name (output TEXT PRIMARY KEY, source BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS name_source ON name (source);
CREATE TABLE IF NOT EXISTS written (
    output TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (output, sha256)
) WITHOUT ROWID;
"""
_FULL_CODES = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_DENIED_CODES = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)


class FolderBusy(AppError):
    """Another run is writing to the same output folder."""

    status = 409


class FolderUnusable(AppError):
    """An output folder that cannot hold what is written, or whose ledger is damaged."""

    status = 507


class Ledger:
    """The ledger of one output folder; open at most once at a time. Safe to use from several threads.

    A piece of work is one recording under one model and one set of settings; `work` is its key.
    """

    def __init__(self, folder: Path) -> None:
        """Open or begin the ledger of an output folder.

        Raises:
            FolderBusy: another process has it open.
            FolderUnusable: it cannot be written, or is not a ledger of this version.
        """
        self.folder = folder
        self._lock = threading.Lock()
        try:
            (folder / STATE_FOLDER).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FolderUnusable(f"cannot write to the folder {folder}: {error.strerror}; choose another") from error
        with self._faults():
            self._database = sqlite3.connect(
                folder / STATE_FOLDER / _FILE, timeout=0, isolation_level=None, check_same_thread=False
            )
        try:
            self._prepare()
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._database.close()

    def plan_of(self, work: str) -> Plan | None:
        """How the recording was cut; None if this work was never begun."""
        rows = self._read("SELECT content FROM plan WHERE work = ?", work)
        return plan_from_json(rows[0][0]) if rows else None

    def keep_plan(self, work: str, plan: Plan) -> None:
        """Note how a recording is cut; on the disk when this returns."""
        self._write("INSERT OR REPLACE INTO plan VALUES (?, ?)", work, plan_to_json(plan))

    def outcomes_of(self, work: str) -> dict[int, Draft | NoDraft]:
        """What was drafted so far, by position of the segment in its plan."""
        rows = self._read("SELECT position, content FROM outcome WHERE work = ? ORDER BY position", work)
        return {position: outcome_from_json(content) for position, content in rows}

    def keep_outcome(self, work: str, position: int, outcome: Draft | NoDraft) -> None:
        """Note the draft of one segment; on the disk when this returns."""
        self._write("INSERT OR REPLACE INTO outcome VALUES (?, ?, ?)", work, position, outcome_to_json(outcome))

    def source_of(self, output: str) -> Path | None:
        """The recording that an output name belongs to; None while it is free."""
        rows = self._read("SELECT source FROM name WHERE output = ?", output)
        return Path(os.fsdecode(rows[0][0])) if rows else None

    def names_of(self, source: Path) -> frozenset[str]:
        """The output names that belong to a recording."""
        rows = self._read("SELECT output FROM name WHERE source = ?", os.fsencode(source))
        return frozenset(output for (output,) in rows)

    def give_name(self, output: str, source: Path) -> None:
        """Let an output name belong to a recording."""
        self._write("INSERT OR REPLACE INTO name VALUES (?, ?)", output, os.fsencode(source))

    def has_written(self, output: str, sha256: str) -> bool:
        """Whether a run has written, or was about to write, this content under this name."""
        return bool(self._read("SELECT 1 FROM written WHERE output = ? AND sha256 = ?", output, sha256))

    def keep_written(self, outputs: Mapping[str, str]) -> None:
        """Note, before it is done, what will be written: sha256 by output name, all in one transaction."""
        with self._lock, self._faults(), self._database:
            self._database.execute("BEGIN")
            self._database.executemany("INSERT OR IGNORE INTO written VALUES (?, ?)", outputs.items())

    def _prepare(self) -> None:
        with self._faults():
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            version: int = self._database.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, _SCHEMA_VERSION):
                raise FolderUnusable(
                    f"{self.folder} was written by another version of Boli (ledger {version}, expected "
                    f"{_SCHEMA_VERSION}); choose another folder"
                )
            self._database.executescript(f"{_SCHEMA} PRAGMA user_version = {_SCHEMA_VERSION};")

    def _read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, self._faults():
            return self._database.execute(statement, values).fetchall()

    def _write(self, statement: str, *values: object) -> None:
        with self._lock, self._faults():
            self._database.execute(statement, values)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def _explained(self, error: sqlite3.Error) -> AppError:
        code = (error.sqlite_errorcode or 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return FolderBusy(
                f"another boli transcribe is writing to {self.folder}; wait until it ends, or choose another folder"
            )
        if code in _FULL_CODES:
            return FolderUnusable(
                f"cannot write to {self.folder}: {error}; make room and run the same command again: "
                "what is drafted is kept"
            )
        if code in _DENIED_CODES:
            return FolderUnusable(f"cannot write to {self.folder}: {error}; choose another folder")
        return FolderUnusable(
            f"the ledger {self.folder / STATE_FOLDER / _FILE} is damaged ({error}); "
            f"choose another folder, or delete {self.folder / STATE_FOLDER} to draft everything anew"
        )
