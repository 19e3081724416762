"""A database that does not let anybody write, or has no room: a clear answer, and nothing broken afterwards."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event, text

from app.db import reading
from app.main import create_app
from app.settings import Settings

ORGANISATIONS = "/api/v1/organisations"
PATIENCE_S = 1
LONGEST_ROOM = 300
"""Rows that surely need another page."""
HOLDER = (
    "import sqlite3, sys, time; held = sqlite3.connect(sys.argv[1], isolation_level=None);"
    "held.execute('BEGIN IMMEDIATE'); print('held', flush=True); time.sleep(600)"
)


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> FastAPI:
    return create_app(Settings(data_folder=tmp_path / "data", database=sqlite_url))


@contextmanager
def frozen_writer(database: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that sleeps for good while it holds the write lock."""
    command = [sys.executable, "-c", HOLDER, str(database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        process.send_signal(signal.SIGSTOP)
        try:
            yield process
        finally:
            os.kill(process.pid, signal.SIGKILL)


def on_each_connection(app: FastAPI, statement: str) -> None:
    event.listen(app.state.boli.engine, "checkout", lambda connection, *_: connection.execute(statement))


def names(client: TestClient) -> list[str]:
    return [each["name"] for each in client.get(ORGANISATIONS).json()["items"]]


def test_a_writer_that_was_frozen_costs_others_a_503_that_says_when_to_come_again(app: FastAPI) -> None:
    on_each_connection(app, f"PRAGMA busy_timeout={PATIENCE_S * 1000}")
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        with frozen_writer(Path(app.state.boli.engine.url.database)):
            refused = client.post(ORGANISATIONS, json={"name": "kept waiting"}, headers={"Idempotency-Key": "one"})
            assert (refused.status_code, refused.json()["title"]) == (503, "Busy")
            assert int(refused.headers["Retry-After"]) > 0
            assert names(client) == []  # who reads waits for nobody
        again = client.post(ORGANISATIONS, json={"name": "kept waiting"}, headers={"Idempotency-Key": "one"})
        assert again.status_code == 201
        assert names(client) == ["kept waiting"]


def test_no_connection_left_is_a_503_too(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    pool: Any = app.state.boli.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.1)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        taken = [app.state.boli.engine.connect() for _ in range(pool.size() + pool._max_overflow)]
        refused = client.get(ORGANISATIONS)
        for connection in taken:
            connection.close()
        assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
        assert client.get(ORGANISATIONS).status_code == 200


def test_a_full_disk_is_a_507_and_breaks_nothing(app: FastAPI) -> None:
    database = Path(app.state.boli.engine.url.database)
    with closing(sqlite3.connect(database)) as connection:
        (n_pages,) = connection.execute("PRAGMA page_count").fetchone()
    on_each_connection(app, f"PRAGMA max_page_count={n_pages}")
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        n_made = 0
        while (answer := client.post(ORGANISATIONS, json={"name": f"{n_made} " + "x" * 180})).status_code == 201:
            n_made += 1
            assert n_made < LONGEST_ROOM, "the database never became full"
        assert (answer.status_code, answer.json()["title"]) == (507, "Disk nearly full")
        assert "Retry-After" in answer.headers
        on_each_connection(app, f"PRAGMA max_page_count={n_pages * 100}")
        assert client.post(ORGANISATIONS, json={"name": "after"}).status_code == 201
    with reading(app.state.boli.sessions) as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        n_kept = session.execute(text("SELECT count(*) FROM organisation")).scalar_one()
    assert n_kept == n_made + 1
