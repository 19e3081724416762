"""A process that runs jobs."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread

from app.db import open_engine, sessions, transaction
from app.jobs import engine
from app.jobs.attempts import runner
from app.jobs.context import JobContext
from app.jobs.failures import failure_of, trace_of
from app.jobs.heartbeats import beat, forget
from app.jobs.kinds import register_all
from app.jobs.queues import Queue
from app.jobs.reaper import Reaper
from app.jobs.registry import JOBS
from app.jobs.sweeper import sweep_if_first
from app.settings import Settings
from app.storage import open_store
from models.base import new_id

log = logging.getLogger("boli.jobs")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a worker says that it lives, looks for dead ones and sweeps; how long jobs may go on when it stops."""

    beat_s: float = 10.0
    dead_after_s: float = 60.0
    reap_s: float = 15.0
    sweep_s: float = 60.0
    grace_s: float = 20.0


USUAL_RHYTHM = Rhythm()


class Worker:
    """Takes jobs from queues until it is stopped. One a process: the engine allows no more."""

    def __init__(
        self, settings: Settings, queues: Collection[Queue], *,
        executor_id: str | None = None, rhythm: Rhythm = USUAL_RHYTHM,
    ) -> None:  # fmt: skip
        self.executor_id = executor_id or str(new_id())
        self._queues = tuple(queues)
        self._rhythm = rhythm
        self._database = open_engine(settings.database_url)
        self._context = JobContext(settings, sessions(self._database), open_store(settings))
        self._threads: list[Thread] = []

    @property
    def longest_stop_s(self) -> float:
        """How long `stop` may take where the database answers."""
        return 2 * self._rhythm.grace_s + 20

    def start(self) -> None:
        """Say that we live, then take jobs."""
        register_all()
        self._beat()
        runs = {job.name: runner(job, self._context) for job in JOBS.values()}
        engine.launch(self._database, self.executor_id, queues=self._queues, runs=runs)
        reaper = Reaper(self._context.sessions, self.executor_id, dead_after_s=self._rhythm.dead_after_s)
        self._every(self._rhythm.beat_s, self._beat)
        self._every(self._rhythm.reap_s, reaper.reap)
        self._every(self._rhythm.sweep_s, self._sweep)

    def stop(self) -> None:
        """Take no more jobs, let those that run end for a while, and put the others back into their queues."""
        engine.take_no_more()
        _wait_for_jobs(self._rhythm.grace_s)
        self._context.stopping.set()
        _wait_for_jobs(self._rhythm.grace_s)
        for thread in self._threads:
            thread.join(timeout=5)
        with transaction(self._context.sessions) as session:
            engine.give_back_unknown(session, self.executor_id)
        engine.recover(self.executor_id)
        with transaction(self._context.sessions) as session:
            forget(session, self.executor_id)
        engine.stop()
        self._database.dispose()

    def _beat(self) -> None:
        with transaction(self._context.sessions) as session:
            beat(session, self.executor_id, self._queues)

    def _sweep(self) -> None:
        sweep_if_first(self._context, self.executor_id, dead_after_s=self._rhythm.dead_after_s)

    def _every(self, seconds: float, act: Callable[[], None]) -> None:
        thread = Thread(target=_repeat, args=(seconds, act, self._context.stopping), daemon=True)
        thread.start()
        self._threads.append(thread)


def run_worker(settings: Settings, queues: Collection[Queue], *, rhythm: Rhythm = USUAL_RHYTHM) -> None:
    """Run jobs until the process is told to end (SIGTERM or SIGINT)."""
    run_until_told(Worker(settings, queues, rhythm=rhythm), is_needed=lambda: True)


def run_until_told(worker: Worker, *, is_needed: Callable[[], bool]) -> None:
    """Run a worker until the process is told to end, or is no longer needed; then end the process."""
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    worker.start()
    log.info("worker %s takes jobs", worker.executor_id)
    while is_needed() and not ended.wait(0.5):
        pass
    stopping = Thread(target=worker.stop, daemon=True)
    stopping.start()
    stopping.join(timeout=worker.longest_stop_s)  # without its database it would wait for ever
    logging.shutdown()
    os._exit(0)  # a job that does not stop must not keep the process: its place in the queue is taken again already


def _wait_for_jobs(most_s: float) -> None:
    deadline = time.monotonic() + most_s
    while engine.active_jobs() and time.monotonic() < deadline:
        time.sleep(0.05)


def _repeat(seconds: float, act: Callable[[], None], stopping: Event) -> None:
    while not stopping.wait(seconds):
        try:
            act()
        except Exception as error:
            with suppress(Exception):
                log.error("%s\n%s", failure_of(error).reason, trace_of(error))
