"""Bringing a database up to date."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import alembic.command
import alembic.util
from alembic.config import Config
from filelock import FileLock
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import DatabaseError

from app.db import open_engine
from app.errors import AppError
from app.jobs.engine import prepare

# any number, as long as no other user of a shared database takes it: the letters "boli"
_ADVISORY_LOCK = 0x626F6C69
_LOCK_TIMEOUT_S = 300
_ASK_AGAIN_S = 0.2


class DatabaseUnreachable(AppError):
    """The database cannot be opened."""

    status = 503
    title = "The database cannot be reached"


class DatabaseNewer(AppError):
    """A later version of Boli has changed the tables already."""

    status = 500
    title = "The database is of a newer version"


def migrate(url: str) -> None:
    """Bring the database to the newest tables, ours in one transaction, then the job engine's.

    Processes that start at once wait for each other.

    Raises:
        DatabaseUnreachable: no server answers, or the file cannot be opened.
        DatabaseNewer: it is ahead of this program.
    """
    with _alone(url):
        engine = open_engine(url)
        try:
            with _connected(engine) as connection:
                _upgrade(connection)
        except alembic.util.CommandError as error:
            shown = engine.url.render_as_string(hide_password=True)
            raise DatabaseNewer(
                f"the database {shown} is of a newer Boli ({error}): update this program, its tables stay as they are"
            ) from error
        finally:
            engine.dispose()
        prepare(url)


def _upgrade(connection: Connection) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:  # a migration that rebuilds a table would trip over the keys of others; a transaction forbids this
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
    with connection.begin():
        config = Config()
        config.set_main_option("script_location", "models:migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "head")
        if is_sqlite and (loose := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
            raise RuntimeError(f"rows would refer to nothing after this migration: {loose[:5]!r}")


def _connected(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except DatabaseError as error:
        shown = engine.url.render_as_string(hide_password=True)
        raise DatabaseUnreachable(f"the database {shown} cannot be opened: {error.orig}") from error


def _alone(url: str) -> AbstractContextManager[None]:
    """Wait for other processes that prepare the same database."""
    target = make_url(url)
    if target.get_backend_name() != "sqlite":
        return _alone_at_server(url)
    if target.database in {None, "", ":memory:"}:
        raise DatabaseUnreachable(f"{url!r} names no file, expected sqlite:///PATH")
    return _alone_at_file(Path(str(target.database)))


@contextmanager
def _alone_at_server(url: str) -> Iterator[None]:
    engine = open_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    try:
        with _connected(engine) as connection:  # the lock goes with the connection, however this process ends
            _wait_for_lock(connection)
            yield
    finally:
        engine.dispose()


def _wait_for_lock(connection: Connection) -> None:
    """Ask again and again: a statement that waited would be waited for in turn by CREATE INDEX CONCURRENTLY."""
    until = time.monotonic() + _LOCK_TIMEOUT_S
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_LOCK}):
        if time.monotonic() > until:
            raise DatabaseUnreachable(f"another process has been preparing the database for {_LOCK_TIMEOUT_S} s")
        time.sleep(_ASK_AGAIN_S)


@contextmanager
def _alone_at_file(file: Path) -> Iterator[None]:
    lock = FileLock(file.with_name(file.name + ".migrating"), timeout=_LOCK_TIMEOUT_S)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise DatabaseUnreachable(f"the folder of {str(file)!r} cannot be written: {error}") from error
    try:
        yield
    finally:
        lock.release()
