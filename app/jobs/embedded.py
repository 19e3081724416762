"""The worker beside a web process: one a data folder, with the same id after each start, so that it goes on at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from app.errors import Conflict
from app.jobs.queues import Queue
from app.jobs.worker import USUAL_RHYTHM, Rhythm, Worker, run_until_told
from app.settings import Settings
from models.base import new_id


class WorkerRuns(Conflict):
    """Another worker has this data folder."""


def run_embedded_worker(
    settings: Settings, *, rhythm: Rhythm = USUAL_RHYTHM, is_needed: Callable[[], bool] | None = None
) -> None:
    """Run jobs of all queues until told to end, or until they are not needed any more.

    is_needed: None where the worker is needed as long as the process that started this one is there.

    Raises:
        WorkerRuns: one does so already in this data folder.
    """
    is_needed = is_needed or _parent_lives()
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.data_folder / "worker.lock")
    try:
        lock.acquire(timeout=rhythm.grace_s)  # one whose web process has just died needs time to notice
    except Timeout:
        raise WorkerRuns(f"a worker runs in {str(settings.data_folder)!r} already") from None
    if is_needed():
        worker = Worker(settings, list(Queue), executor_id=_own_id(settings.data_folder / "worker.id"), rhythm=rhythm)
        run_until_told(worker, is_needed=is_needed)


def _parent_lives() -> Callable[[], bool]:
    parent = os.getppid()
    return lambda: os.getppid() == parent


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
