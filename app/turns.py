"""Whose turn it is to write into an SQLite file.

SQLite has one write lock, and whoever waits for it sleeps and looks again, up to a tenth of a second each time: with
many threads the lock is free for much of the time, and who gets it is chance. So the threads of one process queue here,
in the order that they came, and only the first of them looks for the lock.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

PATIENCE_S = 60.0
"""Longer than one writer waits for SQLite's own lock: who is passed over here is behind somebody who hangs."""


class Turns:
    """A lock that is given to waiting threads in the order that they came, and that any thread may give back."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._is_taken = False
        self._holder: object = None

    def take(self, holder: object) -> bool:
        """Wait for the turn; False where it did not come for `PATIENCE_S`."""
        with self._guard:
            if not self._is_taken:
                self._is_taken, self._holder = True, holder
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        mine.wait(PATIENCE_S)
        with self._guard:
            if not mine.is_set():
                self._waiting.remove(mine)
                return False
            self._holder = holder
        return True

    def give_back(self, holder: object) -> None:
        """Let the next one in, if this one has the turn."""
        with self._guard:
            if not self._is_taken or self._holder is not holder:
                return
            self._holder = None
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False


@cache
def turns_of(_file: str) -> Turns:
    """The turns at a file, for all engines of this process."""
    return Turns()


def take_turns(engine: Engine, turns: Turns) -> None:
    """Have each writing transaction of an SQLite engine begin in its turn, which ends after its commit or rollback."""
    dialect = engine.dialect
    commit, roll_back = dialect.do_commit, dialect.do_rollback

    def begin(connection: sqlalchemy.Connection) -> None:
        if connection.get_execution_options().get("boli_reads", False):
            connection.exec_driver_sql("BEGIN")
            return
        holder = connection.connection.dbapi_connection
        if not turns.take(holder):
            raise OperationalError("BEGIN IMMEDIATE", None, TimeoutError("database is locked: other writers hang"))
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            turns.give_back(holder)
            raise

    def do_commit(dbapi_connection: Any) -> None:
        try:
            commit(dbapi_connection)
        finally:
            if not _is_under_way(dbapi_connection):  # a commit that was refused is still to be rolled back
                turns.give_back(_bare(dbapi_connection))

    def do_rollback(dbapi_connection: Any) -> None:
        try:
            roll_back(dbapi_connection)
        finally:
            turns.give_back(_bare(dbapi_connection))

    event.listen(engine, "begin", begin)
    event.listen(engine, "close", lambda dbapi_connection, _record: turns.give_back(dbapi_connection))
    dialect.do_commit, dialect.do_rollback = do_commit, do_rollback  # type: ignore[method-assign]


def _bare(dbapi_connection: Any) -> object:
    """The driver's own connection, also where the pool hands a proxy of it around."""
    return getattr(dbapi_connection, "dbapi_connection", dbapi_connection)


def _is_under_way(dbapi_connection: Any) -> bool:
    try:
        return bool(dbapi_connection.in_transaction)
    except sqlite3.ProgrammingError:  # closed
        return False
