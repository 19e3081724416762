"""What every test may rely on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytest_plugins = ["tests.databases", "tests.tiny_whisper", "tests.stores"]
REAL_RECORDINGS = ROOT.parent / "shared" / "data" / "audio"


def pytest_configure(config: pytest.Config) -> None:
    """Markers that ask for what a machine may lack."""
    config.addinivalue_line("markers", "needs_tool(name): skipped where this program is missing; fails under CI=true")
    config.addinivalue_line("markers", "needs_recordings: skipped where the shared real recordings are not beside us")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip with a reason, or fail where the machine was to have it all."""
    for marker in item.iter_markers("needs_tool"):
        (tool,) = marker.args
        if shutil.which(tool) is None:
            reason = f"{tool} is not installed"
            if os.environ.get("CI"):
                pytest.fail(f"{reason}, and CI=true promises it", pytrace=False)
            pytest.skip(reason)
    if item.get_closest_marker("needs_recordings") and not REAL_RECORDINGS.is_dir():
        pytest.skip("the real recordings are not at ../shared/data/audio")


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the source tree."""
    return ROOT


@pytest.fixture(scope="session")
def real_recordings() -> Path:
    """Folder of the shared real recordings; use with the `needs_recordings` marker."""
    return REAL_RECORDINGS
