"""Programs that the scores are checked against."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.pipeline.metrics.scored_pairs import Sctk


@pytest.fixture
def sctk(tmp_path: Path) -> Sctk:
    """Where sclite is; Debian does not put it on the PATH."""
    found = shutil.which("sclite", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/lib/sctk/bin"]))
    if found is None:
        reason = "sclite (package sctk) is not installed"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}, and CI=true promises it", pytrace=False)
        pytest.skip(reason)
    return Sctk(str(Path(found).parent), tmp_path)
