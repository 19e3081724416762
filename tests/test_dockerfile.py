"""What the Dockerfile promises, as far as it can be seen without building it."""

from __future__ import annotations

import re
from pathlib import Path


def test_any_user_may_write_where_models_are_kept_and_the_command_runs_as_its_caller(repository: Path) -> None:
    text = (repository / "Dockerfile").read_text(encoding="utf-8")
    folder = re.search(r"^ENV .*BOLI_CACHE_FOLDER=(\S+)", text, re.MULTILINE)
    assert folder
    assert re.search(rf"^RUN .*install -d -m 1777 {folder[1]}$", text, re.MULTILINE)
    assert re.search(r'^#\s+docker run .*--user "\$\(id -u\):\$\(id -g\)"', text, re.MULTILINE)


def test_a_command_that_ends_has_no_health_check(repository: Path) -> None:
    assert "HEALTHCHECK" not in (repository / "Dockerfile").read_text(encoding="utf-8")
