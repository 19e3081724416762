"""The worker beside a web process: one a data folder, with the same id after each start, so that it goes on at once."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from app.errors import Conflict
from app.jobs.queues import Queue
from app.jobs.worker import USUAL_RHYTHM, Rhythm, Worker, run_until_told
from app.settings import Settings
from models.base import new_id


class WorkerRuns(Conflict):
    """Another worker has this data folder."""


def run_embedded_worker(settings: Settings, *, rhythm: Rhythm = USUAL_RHYTHM) -> None:
    """Run jobs of all queues until told to end, or until the process that started this one is gone.

    Raises:
        WorkerRuns: one does so already in this data folder.
    """
    parent = os.getppid()
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.data_folder / "worker.lock")
    try:
        lock.acquire(timeout=rhythm.grace_s)  # one whose web process has just died needs time to notice
    except Timeout:
        raise WorkerRuns(f"a worker runs in {str(settings.data_folder)!r} already") from None
    worker = Worker(settings, list(Queue), executor_id=_own_id(settings.data_folder / "worker.id"), rhythm=rhythm)
    run_until_told(worker, is_needed=lambda: os.getppid() == parent)


def _own_id(file: Path) -> str:
    """The id of this folder's worker: two data folders may share a database."""
    try:
        known = file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        known = ""
    if not known:
        known = f"embedded-{new_id()}"
        file.write_text(known, encoding="ascii")
    return known
