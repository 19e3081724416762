"""460 is tus's own status, in no register: it is described and logged like any other."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.db import transaction
from app.main import create_app
from app.settings import Settings
from tests.factories import add_project


def test_460_is_described_told_and_logged(sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(Settings(data_folder=tmp_path / "data", database=sqlite_url, free_bytes=0))
    paths = app.openapi()["paths"]
    for path, method in (
        ("/api/v1/projects/{project_id}/uploads", "post"), ("/api/v1/tus/{upload_id}", "patch"),
        ("/api/v1/projects/{project_id}/recordings", "post"),
    ):  # fmt: skip
        assert paths[path][method]["responses"]["460"]["description"] == "Checksum Mismatch"
    with transaction(app.state.boli.sessions) as session:
        project = add_project(session)
    with TestClient(app, base_url="http://127.0.0.1") as client, caplog.at_level(logging.INFO, "boli.requests"):
        answer = client.post(
            f"/api/v1/projects/{project.id}/recordings", files={"file": ("a.wav", b"x")}, data={"sha256": "0" * 64}
        )
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["title"], answer.json()["status"]) == ("Checksum mismatch", 460)
    assert " /projects/{project_id}/recordings 460 " in caplog.text
