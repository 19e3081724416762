"""Real databases for tests: SQLite files, and a PostgreSQL cluster of the tests' own.

`database_url` runs a test once on each, on a migrated database that nobody else has; `session_maker` opens sessions
on it. `empty_database_url` is one that was never migrated.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.database.service import migrate
from app.db import open_engine, sessions

DATABASES = ("sqlite", "postgresql")
_SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=200",
    "shared_buffers=32MB",
)


@dataclass(slots=True)
class Cluster:
    """A PostgreSQL server behind a socket in a folder."""

    folder: Path
    template: str | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        """Where a database of it is."""
        return f"postgresql+psycopg://boli@/{database}?host={self.folder}"

    def create(self, *, template: str = "template1") -> str:
        """The name of a new database."""
        name = f"test_{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run a statement outside of any transaction."""
        with psycopg.connect(f"host={self.folder} user=boli dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def migrated(self) -> str:
        """The name of a new database with all tables: copied from one that was migrated once."""
        if self.template is None:
            self.template = self.create()
            migrate(self.url(self.template))
        return self.create(template=self.template)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """The cluster of this run; skipped where PostgreSQL is not installed, but under CI=true."""
    programs = _programs()
    if programs is None:
        reason = "PostgreSQL (initdb, postgres) is not installed"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}, and CI=true promises it", pytrace=False)
        pytest.skip(reason)
    with (
        tempfile.TemporaryDirectory(prefix="boli-postgresql-", ignore_cleanup_errors=True) as folder,
        _server(programs, Path(folder)),
    ):
        yield Cluster(Path(folder))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("database") / "template.sqlite3"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A migrated SQLite database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'boli.sqlite3')}"


@pytest.fixture
def postgresql_url(postgresql: Cluster) -> Iterator[str]:
    """A migrated PostgreSQL database."""
    name = postgresql.migrated()
    yield postgresql.url(name)
    postgresql.drop(name)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database, once of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
def database_engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated database."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session_maker(database_engine: Engine) -> sessionmaker[Session]:
    """Sessions on a migrated database."""
    return sessions(database_engine)


def _programs() -> Path | None:
    """The folder of initdb and postgres: on the path, or where Debian keeps them."""
    on_path = [Path(found).parent for found in (shutil.which("initdb"),) if found]
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    whole = (each for each in on_path + kept if (each / "initdb").is_file() and (each / "postgres").is_file())
    return next(whole, None)


@contextmanager
def _server(programs: Path, folder: Path) -> Iterator[None]:
    as_user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    if as_user:
        shutil.chown(folder, as_user, as_user)
    cluster = folder / "cluster"
    options = ["-U", "boli", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    setup = [str(programs / "initdb"), "-D", str(cluster), *options]
    subprocess.run(setup, check=True, capture_output=True, user=as_user, group=as_user)
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    ends_with_us = ["setpriv", "--pdeathsig", "QUIT"] if shutil.which("setpriv") else []  # even if we are killed
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*ends_with_us, str(programs / "postgres"), "-D", str(cluster), "-k", str(folder), "-h", "", *settings],
            stdout=log, stderr=log, user=as_user, group=as_user,
        )  # fmt: skip
    try:
        _wait_until_ready(folder)
        yield
    finally:
        server.send_signal(signal.SIGQUIT)  # at once, nothing in it is worth a checkpoint
        server.wait(timeout=30)


def _wait_until_ready(folder: Path) -> None:
    for _ in range(300):
        try:
            psycopg.connect(f"host={folder} user=boli dbname=postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"PostgreSQL did not start: {(folder / 'log').read_text()}")
