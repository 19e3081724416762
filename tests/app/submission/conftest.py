"""The fixtures of uploads serve here too."""

from __future__ import annotations

from tests.app.uploads.conftest import project_id, web

__all__ = ["project_id", "web"]
