"""How many requests may be carried out at once; the others wait in the order that they came.

A request that waits for a connection, or for SQLite's one write lock, blocks a thread, and whoever holds it needs a
thread to go on: with more requests than threads everybody would wait for everybody. Few writers at once also keep
SQLite, which lets waiting ones in by chance, from passing one over until its patience ends.
"""

from __future__ import annotations

from anyio import CapacityLimiter
from fastapi import FastAPI, Request

MOST_READING, MOST_WRITING = 8, 4
"""Together less than the database's connections (15) and the threads (40) of a process."""
_READS = ("GET", "HEAD")


def open_rooms(app: FastAPI) -> None:
    """Give an application its rooms."""
    app.state.reading, app.state.writing = CapacityLimiter(MOST_READING), CapacityLimiter(MOST_WRITING)


def room_for(request: Request) -> CapacityLimiter:
    """The room that a request waits for."""
    room = request.app.state.reading if request.method in _READS else request.app.state.writing
    assert isinstance(room, CapacityLimiter)
    return room
