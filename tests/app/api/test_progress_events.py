"""Progress as server-sent events, from a real server."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from app.db import transaction
from app.errors import Overloaded
from app.main import create_app
from app.progress.feed import ProgressFeed
from app.settings import Settings
from models.recording import Recording
from tests.app.api.rows import Filled, fill


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> FastAPI:
    return create_app(Settings(data_folder=tmp_path / "data", database=sqlite_url))


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    listener.close()
    assert not thread.is_alive()


def events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    return (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))


def add_recording(app: FastAPI, filled: Filled) -> None:
    with transaction(app.state.boli.sessions) as session:
        session.add(
            Recording(project_id=filled.project_id, file_name="b", storage_key="k", sha256="0" * 64, size_bytes=1)
        )


def test_a_listener_hears_the_state_and_then_changes_alone(app: FastAPI, address: str) -> None:
    with transaction(app.state.boli.sessions) as session:
        filled = fill(session)
    url = f"{address}/api/v1/projects/{filled.project_id}/progress/events"
    with httpx.stream("GET", url, timeout=60) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        heard = events(stream.iter_lines())
        assert next(heard)["recordings"]["n"] == 2
        assert app.state.progress.n_listeners == 1
        add_recording(app, filled)
        assert next(heard)["recordings"]["n"] == 3
    deadline = time.monotonic() + 30
    while app.state.progress.n_listeners and time.monotonic() < deadline:
        time.sleep(0.05)
    assert app.state.progress.n_listeners == 0


def test_many_listeners_share_one_question_and_too_many_are_turned_away(app: FastAPI) -> None:
    with transaction(app.state.boli.sessions) as session:
        filled = fill(session)

    class Counting(ProgressFeed):
        n_asked = 0

        def _ask(self, project_id: Any) -> str:
            self.n_asked += 1
            return super()._ask(project_id)

    async def listen() -> int:
        feed = Counting(app.state.boli.sessions, poll_s=60, most=5)
        streams = [feed.changes(filled.project_id) for _ in range(5)]
        first = await asyncio.gather(*(anext(stream) for stream in streams))
        assert len(set(first)) == 1
        with pytest.raises(Overloaded):
            await anext(feed.changes(filled.project_id))
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]
        assert feed.n_listeners == 0
        return feed.n_asked

    assert asyncio.run(listen()) == 1
