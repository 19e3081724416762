"""The web application on a fresh database of each kind, and a client that speaks to it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture(scope="module")
def shared_client(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """For tests that look at a request alone, whatever the database: one for a module."""
    folder = tmp_path_factory.mktemp("shared")
    database = f"sqlite:///{shutil.copy(sqlite_template, folder / 'boli.sqlite3')}"
    with TestClient(create_app(Settings(data_folder=folder, database=database)), base_url="http://127.0.0.1") as client:
        yield client
