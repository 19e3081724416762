"""The web application on a fresh database, and a client that speaks to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.db import open_engine
from app.main import create_app
from app.settings import Settings
from models.tables import metadata


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_folder=tmp_path, cache_folder=tmp_path / "cache")


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    engine = open_engine(settings.database_url)
    metadata.create_all(engine)
    engine.dispose()
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        yield client
