"""How many requests may be carried out at once; the others wait in the order that they came, but not for ever.

A request that waits for a connection, or for SQLite's one write lock, blocks a thread, and whoever holds it needs a
thread to go on: with more requests than threads everybody would wait for everybody. So few are let in, and what
uploads do in threads, who wait for the same lock, has threads of its own.

SQLite lets waiting writers in by chance: each looks again every tenth of a second, and whoever comes just then passes
them. There one writer at a time is let in, which costs nothing, for a second one could only wait for its lock.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, move_on_after
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync
from fastapi import FastAPI, Request

from app.errors import Overloaded

MOST_READING, MOST_WRITING = 8, 4
"""Together less than the database's connections (15) and the threads (40) of a process."""
MOST_UPLOADING = 20
PATIENCE_S = 20.0
"""Clients give up after about 30 seconds: they are told before, and while nothing was done."""
_READS = ("GET", "HEAD")
_UPLOADING: RunVar[CapacityLimiter] = RunVar("boli_uploading")
Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Rooms:
    """Where requests are carried out, those that read and those that write."""

    reading: CapacityLimiter
    writing: CapacityLimiter
    patience_s: float


def open_rooms(app: FastAPI, database: str, *, patience_s: float = PATIENCE_S) -> None:
    """Give an application its rooms. database: the name of its kind, as SQLAlchemy has it."""
    n_writing = 1 if database == "sqlite" else MOST_WRITING
    app.state.rooms = Rooms(CapacityLimiter(MOST_READING), CapacityLimiter(n_writing), patience_s)


@asynccontextmanager
async def room_for(request: Request) -> AsyncIterator[None]:
    """A place in the room of a request.

    Raises:
        Overloaded: none came free for too long; nothing of the request was done.
    """
    rooms = request.app.state.rooms
    assert isinstance(rooms, Rooms)
    room = rooms.reading if request.method in _READS else rooms.writing
    with move_on_after(rooms.patience_s) as waiting:
        await room.acquire_on_behalf_of(request)
    if waiting.cancelled_caught:
        raise Overloaded(
            f"{room.statistics().tasks_waiting + 1} requests wait and {room.borrowed_tokens} are carried out: this one "
            f"waited {rooms.patience_s:g} s, and nothing of it was done; try again later"
        )
    try:
        yield
    finally:
        room.release_on_behalf_of(request)


async def in_upload_thread(work: Callable[Given, Result], *args: Given.args, **options: Given.kwargs) -> Result:
    """Do a part of an upload in one of the threads that uploads have: they take none from requests in a room."""
    try:
        threads = _UPLOADING.get()
    except LookupError:
        threads = CapacityLimiter(MOST_UPLOADING)
        _UPLOADING.set(threads)
    return await run_sync(partial(work, *args, **options), limiter=threads)
