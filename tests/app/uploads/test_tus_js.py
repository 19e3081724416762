"""The official client in JavaScript, where Node and its package are there: BOLI_TUS_JS names the folder of packages."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.db import reading
from models.recording import Recording
from tests.app.uploads.web import ROOT, Web

CLIENT = ROOT / "tests" / "tus" / "client.mjs"
PACKAGE = "tus-js-client@4.3.1"
SIZE_BYTES = 3_000_000


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client's package: the one that is named, or fetched."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node is not installed")
    named = os.environ.get("BOLI_TUS_JS")
    folder = Path(named) if named else tmp_path_factory.mktemp("packages")
    if not (folder / "node_modules" / "tus-js-client").is_dir():
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", "--prefix", str(folder), PACKAGE]
        fetched = subprocess.run(command, capture_output=True, cwd=folder, timeout=120, check=False)
        if fetched.returncode:
            pytest.skip(f"{PACKAGE} cannot be fetched from npm")
    return folder


@pytest.mark.parametrize(
    ("chunk_bytes", "break_after_bytes"),
    [(0, 0), (700_000, 0), (500_000, 1_200_000)],
    ids=["whole", "chunks", "broken off"],
)
def test_the_official_client_sends_a_file(
    web: Web, project_id: UUID, session_maker: sessionmaker[Session], packages: Path, tmp_path: Path,
    chunk_bytes: int, break_after_bytes: int,
) -> None:  # fmt: skip
    body = random.Random(1).randbytes(SIZE_BYTES)
    file = tmp_path / "a b.wav"
    file.write_bytes(body)
    web.start()
    endpoint = f"{web.url}/api/v1/projects/{project_id}/uploads"
    command = ["node", str(CLIENT), str(packages), endpoint, str(file), str(chunk_bytes), str(break_after_bytes)]
    end = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert end.returncode == 0, end.stderr
    with reading(session_maker) as session:
        recording = session.scalars(select(Recording)).one()
    assert recording.sha256 == hashlib.sha256(body).hexdigest()
    assert (recording.file_name, recording.dialect) == ("a b.wav", "hi-IN")
    assert json.loads(end.stdout)["recording"] == str(recording.id)
