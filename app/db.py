"""The database: one engine a process, SQLite or PostgreSQL, and sessions that commit once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection
from typing import Any

import sqlalchemy
from sqlalchemy import Engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from app.turns import take_turns, turns_of
from models.base import Base

BUSY_TIMEOUT_S = 30


def open_engine(url: str) -> Engine:
    """An engine for a database URL.

    SQLite runs in WAL with `synchronous=FULL` (a commit that was acknowledged survives a power cut) and with foreign
    keys on. Its transactions begin as `BEGIN IMMEDIATE`: one that read first and wrote later could not wait its turn.
    Writers of this process wait for each other in turn, and only the first of them for other processes: see `Turns`.
    Source: SQLite, "Write-Ahead Logging" and "PRAGMA synchronous"; SQLAlchemy, "Serializable isolation / Savepoints".
    """
    if not url.startswith("sqlite"):
        return sqlalchemy.create_engine(url, pool_pre_ping=True)
    engine = sqlalchemy.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    take_turns(engine, turns_of(str(engine.url.database)))
    return engine


def sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction(maker: sessionmaker[Session]) -> Iterator[Session]:
    """A session that commits at the end, or rolls back where the block raises."""
    with maker() as session, session.begin():
        yield session


@contextmanager
def reading(maker: sessionmaker[Session]) -> Iterator[Session]:
    """A session that only reads: on SQLite it takes no lock, so nobody who writes waits for it."""
    with maker() as session, session.begin():
        session.connection(execution_options={"boli_reads": True})
        yield session


def insert_missing(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose keys are not there yet; each has the same columns, and defaults fill the others."""
    if not rows:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(table).on_conflict_do_nothing(), rows)


def _prepare(connection: SqliteConnection, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    # recursive triggers: INSERT OR REPLACE would otherwise delete a guarded row without asking its trigger
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")
