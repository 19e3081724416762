"""What the tests of the commands share, and those of the service."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings
from tests.app.score_runs import Write, writer


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return writer(tmp_path)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """A service on a fresh database of each kind."""
    return Settings(data_folder=tmp_path / "data", cache_folder=tmp_path / "cache", database=database_url)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)
