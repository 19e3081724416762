"""Clips over HTTP: asked for, made by a worker, fetched at signed addresses."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.clips.making import make_recording_clips
from app.db import reading
from app.deps import current_principal
from app.main import create_app
from models.cached_file import CachedFile
from tests.app.clips.conftest import Talk
from tests.pipeline.test_clips import decoded

IN_A_FOLDER = pytest.mark.parametrize("context", [("sqlite", "folder")], indirect=True, ids=["sqlite and folder"])


@pytest.fixture
def client(talk: Talk) -> Iterator[TestClient]:
    with TestClient(create_app(talk.context.settings), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def made(talk: Talk) -> Talk:
    make_recording_clips(talk.context, talk.recording_id, [talk.segments[3].id])
    return talk


def asked(client: TestClient, segment_id: UUID) -> dict[str, Any]:
    return dict(client.get(f"/api/v1/segments/{segment_id}/audio").json())


def test_an_unknown_segment_or_task_is_404(client: TestClient) -> None:
    for path in (f"/api/v1/segments/{uuid4()}/audio", f"/api/v1/tasks/{uuid4()}/audio"):
        assert client.get(path).status_code == 404


def test_clips_that_are_not_there_are_made_by_a_worker_and_then_heard(client: TestClient, talk: Talk) -> None:
    segment = talk.segments[3]
    first = client.get(f"/api/v1/segments/{segment.id}/audio")
    assert first.status_code == 202
    assert first.headers["retry-after"] == "2"
    assert (first.json()["audio_url"], first.json()["peaks_url"]) == (None, None)
    assert client.get(f"/api/v1/segments/{segment.id}/audio").status_code == 202
    worker = subprocess.Popen([sys.executable, "-c", WORKER], env=environment(talk))
    try:
        deadline = time.monotonic() + 120
        while client.get(f"/api/v1/segments/{segment.id}/audio").status_code == 202 and time.monotonic() < deadline:
            time.sleep(0.5)
    finally:
        worker.terminate()
        worker.wait(timeout=60)
    found = client.get(f"/api/v1/segments/{segment.id}/audio")
    assert found.status_code == 200, found.text
    assert (found.json()["start_ms"], found.json()["end_ms"]) == (segment.start_ms - 200, segment.end_ms + 200)
    assert len(decoded(fetched(client, found.json()["audio_url"]))) == 1_400 * 48
    assert len(fetched(client, found.json()["peaks_url"])) == 24 + 4 * 140


WORKER = """
from app.jobs.kinds import register_all
from app.jobs.queues import Queue
from app.jobs.worker import run_worker
from app.settings import Settings
register_all()
run_worker(Settings(), [Queue.CLIP])
"""


def environment(talk: Talk) -> dict[str, str]:
    settings = talk.context.settings
    given = {
        "BOLI_DATA_FOLDER": settings.data_folder, "BOLI_DATABASE": settings.database_url, "BOLI_STORE": settings.store,
        "BOLI_S3_ENDPOINT": settings.s3_endpoint,
    }  # fmt: skip
    return dict(os.environ) | {name: str(value) for name, value in given.items() if value is not None}


def fetched(client: TestClient, url: str) -> bytes:
    if url.startswith("/"):
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        return answer.content
    with urlopen(url, timeout=30) as answer:
        return bytes(answer.read())


@IN_A_FOLDER
def test_a_task_tells_the_addresses_of_all_its_segments_in_order(client: TestClient, made: Talk) -> None:
    answer = client.get(f"/api/v1/tasks/{made.task_id}/audio")
    assert answer.status_code == 202
    clips = answer.json()["clips"]
    assert [clip["segment_id"] for clip in clips] == [str(segment.id) for segment in made.segments]
    assert [clip["audio_url"] is not None for clip in clips] == [3 <= place < 24 for place in range(30)]
    make_recording_clips(made.context, made.recording_id)
    assert client.get(f"/api/v1/tasks/{made.task_id}/audio").status_code == 200


def test_an_address_stays_the_same_for_a_while_so_that_a_browser_fetches_once(client: TestClient, made: Talk) -> None:
    first, second = (asked(client, made.segments[3].id) for _ in range(2))
    assert urlsplit(first["audio_url"]).path == urlsplit(second["audio_url"]).path
    assert first == second or "X-Amz-Signature=" in first["audio_url"]


@IN_A_FOLDER
def test_a_changed_foreign_or_expired_address_is_404(
    client: TestClient, made: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = asked(client, made.segments[3].id)
    url, peaks_url, other = links["audio_url"], links["peaks_url"], asked(client, made.segments[4].id)["audio_url"]
    query, peaks_query = urlsplit(url).query, urlsplit(peaks_url).query
    expires = int(parse_qs(query)["expires"][0])
    wrong = [
        f"{urlsplit(other).path}?{query}",
        f"{urlsplit(peaks_url).path}?{query}",
        f"{urlsplit(url).path}?{peaks_query}",
        url.replace(f"expires={expires}", f"expires={expires + 1}"),
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        f"/api/v1/audio/{uuid4()}?{query}",
    ]
    assert [client.get(each).status_code for each in wrong] == [404] * len(wrong)
    assert client.get(urlsplit(url).path).status_code == 422
    assert client.get(url).status_code == 200
    client.app.dependency_overrides[current_principal] = lambda: "somebody else"  # type: ignore[attr-defined]
    assert client.get(url).status_code == 404
    client.app.dependency_overrides.clear()  # type: ignore[attr-defined]
    monkeypatch.setattr(time, "time", lambda: expires + 1)
    assert client.get(url).status_code == 404


@IN_A_FOLDER
def test_parts_of_a_clip_are_served_as_browsers_ask_for_them(client: TestClient, made: Talk) -> None:
    url = asked(client, made.segments[3].id)["audio_url"]
    whole = fetched(client, url)
    size = len(whole)
    for header, start, end in [
        ("bytes=0-", 0, size), ("bytes=0-99", 0, 100), ("bytes=100-100", 100, 101), ("bytes=-50", size - 50, size),
        (f"bytes=10-{size * 9}", 10, size), (f"bytes=-{size * 9}", 0, size),
    ]:  # fmt: skip
        part = client.get(url, headers={"Range": header})
        assert part.status_code == 206
        assert part.content == whole[start:end]
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        assert part.headers["content-length"] == str(end - start)
    for header in (f"bytes={size}-", "bytes=999999999-", "bytes=-0"):
        refused = client.get(url, headers={"Range": header})
        assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{size}")
    for header in ("bytes=5-2", "items=0-1", "bytes=-", "bytes=0-1,4-5", "bytes=x-y", "bytes=0-" + "9" * 50):
        assert client.get(url, headers={"Range": header}).content == whole


@IN_A_FOLDER
def test_a_part_is_of_the_file_that_the_browser_began_with(client: TestClient, made: Talk) -> None:
    url = asked(client, made.segments[3].id)["audio_url"]
    first = client.get(url)
    etag = first.headers["etag"]
    assert first.headers["content-type"] == "audio/ogg; codecs=opus"
    assert first.headers["cache-control"].startswith("private, max-age=")
    assert client.get(url, headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    assert client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"another"'}).status_code == 200
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304


@IN_A_FOLDER
def test_a_clip_that_was_lost_is_made_again(client: TestClient, made: Talk) -> None:
    segment = made.segments[3]
    url = asked(client, segment.id)["audio_url"]
    with reading(made.context.sessions) as session:
        (key,) = session.scalars(
            select(CachedFile.storage_key).where(
                CachedFile.segment_id == segment.id, CachedFile.storage_key.endswith(".opus")
            )
        )
    for damage in (lambda file: file.write_bytes(file.read_bytes()[:-1]), Path.unlink):
        with made.context.store.open_local(key) as file:
            damage(file)
        assert client.get(url).status_code == 404
        assert client.get(f"/api/v1/segments/{segment.id}/audio").status_code == 202
        make_recording_clips(made.context, made.recording_id, [segment.id])
        assert client.get(url).status_code == 200
