"""A commit that was acknowledged stays, a writer waits its turn, and the pragmas are really in force."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from app.db import insert_missing, open_engine, reading, sessions, transaction
from models.asr_model import AsrModel
from models.errand import Errand
from models.organisation import Organisation
from tests.factories import add_project

ROOT = Path(__file__).resolve().parents[2]
Maker = sessionmaker[Session]

WRITER = """
import sys
from app.db import open_engine, sessions, transaction
from models.organisation import Organisation

maker = sessions(open_engine(sys.argv[1]))
for number in range(1_000_000):
    with transaction(maker) as session:
        session.add_all([Organisation(name=f"{sys.argv[2]} {number} {half}") for half in ("left", "right")])
    print(number, flush=True)
"""


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Engine:
    """An engine on a migrated SQLite file."""
    return open_engine(sqlite_url)


def test_every_connection_to_sqlite_has_its_pragmas(sqlite_engine: Engine) -> None:
    readers = sqlite_engine.execution_options(boli_reads=True)
    with readers.connect() as one, readers.connect() as other:
        for connection in (one, other):
            told = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "busy_timeout")
            }
            on = {"foreign_keys": 1, "recursive_triggers": 1}
            assert told == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30_000} | on
    sqlite_engine.dispose()


def test_write_ahead_logging_really_writes_ahead(sqlite_engine: Engine) -> None:
    with transaction(sessions(sqlite_engine)) as session:
        add_project(session)
    log = Path(f"{sqlite_engine.url.database}-wal")
    assert log.stat().st_size > 0
    sqlite_engine.dispose()


def test_readers_do_not_wait_for_a_writer(session_maker: Maker) -> None:
    with transaction(session_maker) as writer:
        add_project(writer)
        writer.flush()
        begun = time.monotonic()
        with reading(session_maker) as reader:
            assert reader.scalar(select(func.count()).select_from(Organisation)) == 0
        assert time.monotonic() - begun < 5


def test_a_reader_sees_one_moment(sqlite_engine: Engine) -> None:
    maker = sessions(sqlite_engine)
    with reading(maker) as reader:
        assert reader.scalar(select(func.count()).select_from(Organisation)) == 0
        with transaction(maker) as writer:
            add_project(writer)
        assert reader.scalar(select(func.count()).select_from(Organisation)) == 0
    sqlite_engine.dispose()


def test_writers_at_once_wait_their_turn_and_lose_nothing(session_maker: Maker) -> None:
    """Each reads a number and writes the next one: no update is lost, nobody is told that the database is locked."""
    n_threads, n_steps = 8, 10
    with transaction(session_maker) as session:
        session.add(Errand(name="count"))
    faults: list[BaseException] = []

    def count() -> None:
        try:
            for _ in range(n_steps):
                with transaction(session_maker) as session:
                    row = session.scalars(select(Errand).with_for_update()).one()
                    row.n_asked += 1
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=count) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with session_maker() as session:
        assert session.scalars(select(Errand.n_asked)).one() == n_threads * n_steps


def test_what_was_acknowledged_survives_a_kill_in_mid_commit(database_url: str, session_maker: Maker) -> None:
    """Two writers are killed while they commit, twice over: no acknowledged row is lost, none is half there."""
    acknowledged: dict[str, int] = {}
    for turn in range(2):
        names = [f"writer {turn} {place}" for place in range(2)]
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, database_url, name], cwd=ROOT, stdout=subprocess.PIPE, text=True
            )
            for name in names
        ]  # fmt: skip
        for writer in writers:
            assert writer.stdout
            assert writer.stdout.readline() == "0\n"
        time.sleep(0.3 + 0.1 * turn)
        for name, writer in zip(names, writers, strict=True):
            os.kill(writer.pid, signal.SIGKILL)
            told = writer.communicate()[0].split("\n")[:-1]
            acknowledged[name] = int(told[-1]) if told else 0
            assert writer.returncode == -signal.SIGKILL
    with session_maker() as session:
        every = session.scalars(select(Organisation.name)).all()
        for name, last in acknowledged.items():
            for half in ("left", "right"):
                stored = {int(each.split()[-2]) for each in every if each.startswith(name) and each.endswith(half)}
                assert stored >= set(range(last + 1))
                assert stored <= set(range(last + 2)), "one commit at most was not told of"
        assert len([each for each in every if each.endswith("left")]) * 2 == len(every)
        if session.get_bind().dialect.name == "sqlite":
            assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def test_a_transaction_that_raises_leaves_nothing(session_maker: Maker) -> None:
    def fail(session: Session) -> None:
        session.add(Organisation(name="half"))
        session.flush()
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"), transaction(session_maker) as session:
        fail(session)
    with reading(session_maker) as session:
        assert session.scalars(select(Organisation)).all() == []


def test_only_missing_rows_are_inserted(session_maker: Maker) -> None:
    rows = [{"engine": "fake", "name": "demo", "revision": revision, "licence": None} for revision in ("1", "2")]
    with transaction(session_maker) as session:
        insert_missing(session, AsrModel, rows[:1])
    with transaction(session_maker) as session:
        insert_missing(session, AsrModel, rows)
        insert_missing(session, AsrModel, [])
    with reading(session_maker) as session:
        assert session.scalars(select(AsrModel.revision).order_by(AsrModel.revision)).all() == ["1", "2"]
