"""Room: of the organisation, of the service, of the disk. What cannot be taken is refused before anything breaks."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.db import reading, transaction
from app.settings import Settings
from app.uploads.reception import Reception
from app.uploads.tus import reception_of
from models.organisation import Organisation
from models.project import Project
from models.recording import Recording
from tests.app.uploads.clients import begin, offset, send
from tests.app.uploads.web import Web

FREE_BYTES = 2_000_000_000
TMPFS_BYTES = 24_000_000


def limit(maker: sessionmaker[Session], project_id: UUID, **limits: int) -> None:
    with transaction(maker) as session:
        organisation = session.get_one(Organisation, session.get_one(Project, project_id).organisation_id)
        for name, value in limits.items():
            setattr(organisation, name, value)


def test_a_file_beyond_the_limit_of_service_or_organisation_is_413(
    client: TestClient, project_id: UUID, session_maker: sessionmaker[Session]
) -> None:
    assert begin(client, project_id, 20_000_000_001).status_code == 413
    limit(session_maker, project_id, max_file_bytes=1000)
    answer = begin(client, project_id, 1001)
    assert answer.status_code == 413
    assert "1,001" in answer.json()["detail"]
    assert begin(client, project_id, 1000).status_code == 201


def test_an_organisation_stores_and_sends_no_more_than_it_may(
    client: TestClient, project_id: UUID, session_maker: sessionmaker[Session]
) -> None:
    limit(session_maker, project_id, max_stored_bytes=1000)
    assert begin(client, project_id, 600, body=bytes(600), filename="a.wav").headers["Boli-Recording"]
    assert begin(client, project_id, 300).status_code == 201
    answer = begin(client, project_id, 101)
    assert answer.status_code == 413
    assert "900" in answer.json()["detail"]
    assert begin(client, project_id, 100).status_code == 201


def test_an_organisation_has_no_more_uploads_open_than_it_may(
    client: TestClient, project_id: UUID, session_maker: sessionmaker[Session]
) -> None:
    limit(session_maker, project_id, max_open_uploads=2)
    first = begin(client, project_id, 3, filename="a.wav").headers["Location"]
    assert begin(client, project_id, 3).status_code == 201
    assert begin(client, project_id, 3).status_code == 429
    send(client, first, 0, b"abc")
    assert begin(client, project_id, 3).status_code == 201


def test_uploads_that_would_leave_too_little_of_the_disk_are_507(
    app: FastAPI, client: TestClient, project_id: UUID, settings: Settings
) -> None:
    free = FREE_BYTES

    def scarce(request: Request) -> Reception:
        return replace(reception_of(request), free_bytes_of=lambda _folder: free)

    app.dependency_overrides[reception_of] = scarce
    room = FREE_BYTES - settings.free_bytes
    url = begin(client, project_id, room - 100, filename="a.wav").headers["Location"]
    refused = begin(client, project_id, 101)
    assert refused.status_code == 507
    assert "must stay free" in refused.json()["detail"]
    assert begin(client, project_id, 100).status_code == 201
    assert send(client, url, 0, b"x" * 1000).status_code == 204
    free = settings.free_bytes + 10
    assert send(client, url, 1000, b"x" * 1000).status_code == 507
    assert offset(client, url) == 1000
    form = client.post(f"/api/v1/projects/{project_id}/recordings", files={"file": ("a.wav", b"x" * 1000)})
    assert form.status_code == 507


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    if os.geteuid() != 0:
        pytest.skip("a small disk is mounted by root alone")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_disk_that_fills_while_bytes_come_keeps_what_is_safe_and_goes_on_later(
    small_disk: Path, settings: Settings, project_id: UUID, session_maker: sessionmaker[Session],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("BOLI_TEST_FREE_BYTES", "0")
    web = Web(settings.model_copy(update={"data_folder": small_disk, "database": settings.database_url}))
    body = random.Random(4).randbytes(12_000_000)
    try:
        web.start()
        with httpx.Client(base_url=web.url, timeout=60) as client:
            url = begin(client, project_id, len(body), filename="a.wav").headers["Location"]
            assert send(client, url, 0, body[:2_000_000]).status_code == 204
            ballast = small_disk / "ballast"
            ballast.write_bytes(bytes(18_000_000))
            assert begin(client, project_id, len(body)).status_code == 507
            assert send(client, url, 2_000_000, body[2_000_000:]).status_code == 507
            safe = offset(client, url)
            assert 2_000_000 <= safe < len(body)
            ballast.unlink()
            assert send(client, url, safe, body[safe:]).headers["Boli-Recording"]
    finally:
        web.kill()
    with reading(session_maker) as session:
        assert session.scalars(select(Recording.sha256)).one() == hashlib.sha256(body).hexdigest()
