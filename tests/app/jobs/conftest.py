"""A bench of real worker processes on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.jobs.workers import Bench


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    """Workers on a fresh database, ended after the test."""
    bench = Bench(database_url, tmp_path)
    yield bench
    bench.close()
