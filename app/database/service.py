"""Bringing a database up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import alembic.command
import alembic.util
from alembic.config import Config
from filelock import FileLock
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import OperationalError

from app.db import open_engine
from app.errors import AppError

# any number, as long as no other user of a shared database takes it: the letters "boli"
_ADVISORY_LOCK = 0x626F6C69


class DatabaseUnreachable(AppError):
    """The database cannot be opened."""

    status = 503
    title = "The database cannot be reached"


class DatabaseNewer(AppError):
    """A later version of Boli has changed the tables already."""

    status = 500
    title = "The database is of a newer version"


def migrate(url: str) -> None:
    """Bring the database to the newest tables, in one transaction. Processes that start at once wait for each other.

    Raises:
        DatabaseUnreachable: no server answers, or the file cannot be opened.
        DatabaseNewer: it is ahead of this program.
    """
    shown = make_url(url).render_as_string(hide_password=True)
    with _alone(url):
        engine = open_engine(url)
        try:
            with engine.connect() as connection:
                _upgrade(connection)
        except OperationalError as error:
            raise DatabaseUnreachable(f"the database {shown} cannot be opened: {error.orig}") from error
        except alembic.util.CommandError as error:
            raise DatabaseNewer(
                f"the database {shown} is of a newer Boli ({error}): update this program, its tables stay as they are"
            ) from error
        finally:
            engine.dispose()


def _upgrade(connection: Connection) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:  # a migration that rebuilds a table would trip over the keys of others; a transaction forbids this
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
    with connection.begin():
        if not is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        config = Config()
        config.set_main_option("script_location", "models:migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "head")
        if is_sqlite and (loose := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
            raise DatabaseUnreachable(f"rows that refer to nothing after the migration: {loose[:5]!r}")


@contextmanager
def _alone(url: str) -> Iterator[None]:
    """Wait for other processes that prepare the same SQLite file; PostgreSQL has a lock of its own."""
    target = make_url(url)
    if target.get_backend_name() != "sqlite":
        yield
        return
    if target.database in {None, "", ":memory:"}:
        raise DatabaseUnreachable(f"{url!r} names no file, expected sqlite:///PATH")
    file = Path(str(target.database))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file.with_name(file.name + ".migrating"), timeout=300)
        lock.acquire()
    except OSError as error:
        raise DatabaseUnreachable(f"the folder of {str(file)!r} cannot be written: {error}") from error
    try:
        yield
    finally:
        lock.release()
