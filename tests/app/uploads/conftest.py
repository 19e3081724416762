"""The web application, a project in it, and what every test of uploads needs."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session, sessionmaker

from app.db import transaction
from app.settings import Settings
from tests.app.uploads.web import Web
from tests.factories import add_project


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def project_id(session_maker: sessionmaker[Session]) -> UUID:
    with transaction(session_maker) as session:
        return add_project(session).id


@pytest.fixture
def web(settings: Settings) -> Iterator[Web]:
    """A real server, not started yet."""
    web = Web(settings)
    yield web
    web.kill()
