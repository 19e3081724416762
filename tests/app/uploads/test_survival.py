"""The server is killed while it receives: what it acknowledged is there, and the rest goes on to the same file."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

import httpx
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from app.db import reading
from app.storage import open_store
from models.recording import Recording, RecordingState
from models.upload import Upload, UploadState
from tests.app.uploads.clients import BYTES, TUS, begin, offset, send
from tests.app.uploads.web import Web

SIZE_BYTES = 40_000_000
N_KILLS = 4
SECONDS = 0.05


def test_an_upload_survives_kills_at_random_bytes_and_ends_as_the_same_file(
    web: Web, project_id: UUID, session_maker: sessionmaker[Session]
) -> None:
    chance = random.Random(20_26)
    body = chance.randbytes(SIZE_BYTES)
    web.start()
    with httpx.Client(base_url=web.url, timeout=60) as client:
        url = begin(client, project_id, len(body), filename="a.wav", sha256=hashlib.sha256(body).hexdigest()).headers[
            "Location"
        ]
    reached = []
    for _ in range(N_KILLS):
        with httpx.Client(base_url=web.url, timeout=60) as client:
            begun = offset(client, url)
            reached.append(begun)
            kill_after = chance.randrange(1, SIZE_BYTES // 3)
            with suppress(httpx.TransportError):
                headers = {"Upload-Offset": str(begun), "Content-Length": str(len(body) - begun)}
                pieces = killing(web, body[begun:], kill_after)
                client.patch(url, headers={**TUS, **BYTES, **headers}, content=pieces)
            assert web.process is None, "it was not killed"
        web.start()
    with httpx.Client(base_url=web.url, timeout=60) as client:
        begun = offset(client, url)
        assert send(client, url, begun, body[begun:]).status_code == 204
    assert reached == sorted(reached)
    with reading(session_maker) as session:
        (recording,) = session.scalars(select(Recording)).all()
        assert session.scalars(select(Upload.state)).all() == [UploadState.COMPLETE]
        assert recording.state is RecordingState.RECEIVED
        assert n_jobs(session) == 1
    store = open_store(web.settings)
    assert store.sha256(recording.storage_key) == recording.sha256 == hashlib.sha256(body).hexdigest()
    assert list((web.settings.data_folder / "uploads").glob("*.part")) == []


def killing(web: Web, body: bytes, kill_after: int) -> Iterator[bytes]:
    """The body, and the server's end when so many bytes of it are out."""
    sent = 0
    while sent < len(body):
        piece = body[sent : sent + 50_000]
        yield piece
        sent += len(piece)
        if sent >= kill_after:
            web.kill()


def test_a_kill_anywhere_between_the_last_byte_and_the_answer_neither_loses_nor_doubles(
    web: Web, project_id: UUID, session_maker: sessionmaker[Session]
) -> None:
    chance = random.Random(7)
    web.start()
    bodies = [chance.randbytes(300_000) for _ in range(5)]
    for number, body in enumerate(bodies):
        with httpx.Client(base_url=web.url, timeout=60) as client:
            url = begin(client, project_id, len(body), filename=f"{number}.wav").headers["Location"]
            killer = threading.Timer(chance.uniform(0, SECONDS), web.kill)
            killer.start()
            with suppress(httpx.TransportError):
                send(client, url, 0, body)
            killer.join()
        web.start()
        with httpx.Client(base_url=web.url, timeout=60) as client:
            begun = offset(client, url)
            if begun < len(body):
                assert send(client, url, begun, body[begun:]).status_code == 204
            else:
                assert client.head(url, headers=TUS).headers["Boli-Recording"]
    with reading(session_maker) as session:
        found = session.scalars(select(Recording)).all()
        assert sorted(each.sha256 for each in found) == sorted(hashlib.sha256(body).hexdigest() for body in bodies)
        assert n_jobs(session) == len(bodies)
    store = open_store(web.settings)
    assert all(store.sha256(each.storage_key) == each.sha256 for each in found)


def n_jobs(session: Session) -> int:
    """Jobs of the engine that wait."""
    schema = "" if session.get_bind().dialect.name == "sqlite" else "dbos."
    return int(
        session.execute(text(f"SELECT count(*) FROM {schema}workflow_status WHERE name = 'ingest'")).scalar_one()
    )
