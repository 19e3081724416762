"""Many long files at once: the server's memory does not grow with them."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.db import reading
from models.recording import Recording
from tests.app.uploads.clients import BYTES, TUS, begin
from tests.app.uploads.web import Web

N_STREAMS = 20
PIECE = bytes(range(256)) * 256
N_PIECES = 200
MOST_GROWTH_BYTES = 60_000_000
"""Of 262 MB that are sent."""


def test_twenty_streams_at_once_arrive_whole_without_memory_growing(
    web: Web, project_id: UUID, session_maker: sessionmaker[Session]
) -> None:
    web.start()
    stream(web, project_id, 0)
    before = web.resident_bytes()
    with ThreadPoolExecutor(N_STREAMS) as pool:
        list(pool.map(lambda number: stream(web, project_id, number), range(1, N_STREAMS + 1)))
    assert web.resident_bytes() - before < MOST_GROWTH_BYTES
    with reading(session_maker) as session:
        found = set(session.scalars(select(Recording.sha256)).all())
    assert found == {hashlib.sha256(bytes([number]) + PIECE * N_PIECES).hexdigest() for number in range(N_STREAMS + 1)}


def stream(web: Web, project_id: UUID, number: int) -> None:
    size_bytes = 1 + len(PIECE) * N_PIECES
    with httpx.Client(base_url=web.url, timeout=200) as client:
        url = begin(client, project_id, size_bytes, filename=f"{number}.wav").headers["Location"]
        headers = {**TUS, **BYTES, "Upload-Offset": "0", "Content-Length": str(size_bytes)}
        pieces = (piece for piece in [bytes([number]), *[PIECE] * N_PIECES])
        assert client.patch(url, headers=headers, content=pieces).status_code == 204
