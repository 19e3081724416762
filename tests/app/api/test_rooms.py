"""How many requests are carried out at once: the others wait, in order, and are told where it takes too long."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.rooms import MOST_UPLOADING, in_upload_thread, open_rooms
from app.db import transaction
from models.organisation import Organisation

PATH = "/api/v1/organisations"
N_WRITERS = 48  # the web has forty threads


def write(client: TestClient, number: int) -> Any:
    headers = {"Idempotency-Key": f"k{number}"} if number % 2 else {}
    return client.post(PATH, json={"name": f"Writer {number}"}, headers=headers)


@pytest.fixture
def writing(app: FastAPI) -> Event:
    """Somebody else holds the database's lock on writing until this is set, as a long job of a worker would."""
    free, held = Event(), Event()

    def hold() -> None:
        with transaction(app.state.boli.sessions) as session:
            session.add(Organisation(name="Writer 0"))
            session.flush()
            held.set()
            free.wait(120)

    Thread(target=hold, daemon=True).start()
    assert held.wait(60)
    return free


def test_more_writers_than_threads_do_not_wait_for_each_other(app: FastAPI, client: TestClient) -> None:
    open_rooms(app, app.state.boli.engine.dialect.name, patience_s=120)  # however slow the machine is
    with ThreadPoolExecutor(N_WRITERS) as pool:
        assert {each.status_code for each in pool.map(lambda n: write(client, n), range(N_WRITERS))} == {201}


def test_readers_read_while_writers_wait(client: TestClient, writing: Event) -> None:
    with ThreadPoolExecutor(N_WRITERS) as pool:
        waiting = [pool.submit(write, client, 0) for _ in range(N_WRITERS)]
        time.sleep(0.5)
        assert [client.get(PATH).status_code for _ in range(3)] == [200] * 3
        assert not any(each.done() for each in waiting)
        writing.set()
        assert {each.result().status_code for each in waiting} == {409}


def test_a_request_that_waited_too_long_is_told_when_to_come_again(
    app: FastAPI, client: TestClient, writing: Event
) -> None:
    open_rooms(app, app.state.boli.engine.dialect.name, patience_s=0.5)
    with ThreadPoolExecutor(N_WRITERS) as pool:
        waiting = [pool.submit(write, client, 0) for _ in range(8)]
        deadline = time.monotonic() + 60
        while sum(each.done() for each in waiting) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        late = [each.result() for each in waiting if each.done()]
        writing.set()
        rest = [each.result() for each in waiting if each.result() not in late]
    assert {each.status_code for each in late} == {503}
    assert {each.status_code for each in rest} == {409}
    assert len(late) >= 4
    for each in late:
        assert each.headers["content-type"] == "application/problem+json"
        assert int(each.headers["retry-after"]) > 0
        assert "nothing of it was done" in each.json()["detail"]
    assert write(client, 7).status_code == 201  # the rooms are as they were


def test_uploads_that_wait_leave_requests_their_threads(app: FastAPI) -> None:
    """However many parts of uploads block in threads, a request that holds what they wait for goes on."""

    async def scene() -> list[int]:
        free = Event()
        transport = httpx.ASGITransport(app=app)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
            anyio.create_task_group() as group,
        ):
            for _ in range(60):
                group.start_soon(in_upload_thread, free.wait, 60)
            await anyio.sleep(0.3)
            with anyio.fail_after(30):
                statuses = [(await client.post(PATH, json={"name": f"n{n}"})).status_code for n in range(3)]
            free.set()
        return statuses

    assert MOST_UPLOADING < 40
    assert anyio.run(scene) == [201] * 3
