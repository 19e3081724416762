"""The modules that register jobs and sweeps: imported by workers alone, for some of them are heavy."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "app.api.sweeping",
    "app.jobs.clips",
    "app.jobs.draft",
    "app.jobs.ingest",
    "app.jobs.tasks",
    "app.jobs.upkeep",
    "app.jobs.uploads",
)


def register_all() -> None:
    """Make every kind of job known to this process."""
    for module in MODULES:
        import_module(module)
