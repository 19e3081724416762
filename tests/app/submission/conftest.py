"""The fixtures of uploads serve here too."""

from __future__ import annotations

from tests.app.uploads.conftest import project_id, settings, web

__all__ = ["project_id", "settings", "web"]
