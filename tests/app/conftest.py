"""What the tests of the commands share."""

from pathlib import Path

import pytest

from tests.app.score_runs import Write, writer


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return writer(tmp_path)
