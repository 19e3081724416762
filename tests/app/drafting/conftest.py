"""The steps on a real database."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.flow import Flow


@pytest.fixture
def flow(session_maker: sessionmaker[Session], tmp_path: Path) -> Flow:
    """On SQLite and on PostgreSQL."""
    return Flow(session_maker, tmp_path)
