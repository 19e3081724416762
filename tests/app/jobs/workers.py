"""Worker processes for tests: real ones, forked from a server that has everything imported, so that they start fast."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from app.db import open_engine, sessions, transaction
from app.errors import AppError
from app.jobs.context import JobContext
from app.jobs.embedded import run_embedded_worker
from app.jobs.engine import enqueue
from app.jobs.inspection import Jobs
from app.jobs.queues import JobState, Queue
from app.jobs.registry import job
from app.jobs.worker import USUAL_RHYTHM, Rhythm, run_worker
from app.settings import Settings

FAST = Rhythm(beat_s=0.2, dead_after_s=2.0, reap_s=0.3, sweep_s=0.4, grace_s=0.5)
PATIENT = Rhythm(beat_s=0.5, dead_after_s=60.0, reap_s=0.5, sweep_s=60.0, grace_s=0.5)
LONGEST_WAIT_S = 120.0
_START = multiprocessing.get_context("forkserver")
_START.set_forkserver_preload(["tests.app.jobs.workers"])


class MendMe(AppError):
    """A failure that stays."""


def wait_until(claim: Callable[[], bool], what: str) -> None:
    """Wait until something holds, and fail where it never does."""
    deadline = time.monotonic() + LONGEST_WAIT_S
    while not claim():
        assert time.monotonic() < deadline, f"waited {LONGEST_WAIT_S} s in vain until {what}"
        time.sleep(0.1)


@dataclass(slots=True)
class Bench:
    """A database and a folder that workers share, and the workers. Files in the folder steer jobs and tell of them."""

    url: str
    folder: Path
    engine: Engine = field(init=False)
    maker: sessionmaker[Session] = field(init=False)
    processes: list[BaseProcess] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = open_engine(self.url)
        self.maker = sessions(self.engine)
        with transaction(self.maker) as session:
            session.execute(text("CREATE TABLE effect (name TEXT, worker TEXT)"))

    @property
    def settings(self) -> Settings:
        return Settings(data_folder=self.folder, database=self.url)

    @property
    def jobs(self) -> Jobs:
        return Jobs(self.engine)

    def start(self, name: str, *queues: Queue, rhythm: Rhythm = FAST) -> BaseProcess:
        """A worker process of this name that takes jobs from these queues (otherwise from `ingest`)."""
        return self._start(name, "queues", [queue.value for queue in queues or (Queue.INGEST,)], rhythm)

    def start_embedded(self, name: str, *, rhythm: Rhythm = PATIENT) -> BaseProcess:
        """The worker of the data folder."""
        return self._start(name, "embedded", [], rhythm)

    def _start(self, name: str, kind: str, queues: list[str], rhythm: Rhythm) -> BaseProcess:
        process = _START.Process(
            target=_work, args=(name, kind, queues, self.url, str(self.folder), rhythm), daemon=True
        )
        process.start()
        self.processes.append(process)
        return process

    def enqueue(
        self, name: str, action: str, *, queue: Queue = Queue.INGEST, priority: int = 100, kind: str = "effect"
    ) -> None:  # fmt: skip
        """A job that leaves an effect of its name. kind: `newer` is known to a worker of that name alone."""
        with transaction(self.maker) as session:
            enqueue(session, kind, [name, action], key=name, queue=queue, priority=priority)

    def effects(self) -> list[tuple[str, str]]:
        """What jobs left in the database, and which workers did."""
        with transaction(self.maker) as session:
            return [(row[0], row[1]) for row in session.execute(text("SELECT name, worker FROM effect"))]

    def starts(self, name: str) -> list[str]:
        """The workers that began a job, in order."""
        file = self.folder / f"{name}.starts"
        return file.read_text().split() if file.exists() else []

    def say(self, word: str) -> None:
        """Let jobs go on that wait for this word; with `-NAME` behind it, the worker of this name alone."""
        (self.folder / word).touch()

    def log(self, worker: str) -> str:
        file = self.folder / f"{worker}.log"
        return file.read_text() if file.exists() else ""

    def freeze(self, process: BaseProcess) -> None:
        """Stop a process where it holds no lock of the database: on SQLite all would wait for one that is frozen."""
        assert process.pid is not None
        for _ in range(100):
            os.kill(process.pid, signal.SIGSTOP)
            if self._is_writable():
                return
            os.kill(process.pid, signal.SIGCONT)
            time.sleep(0.01)
        raise AssertionError("the process holds the lock whenever it is looked at")

    def _is_writable(self) -> bool:
        if self.engine.dialect.name != "sqlite":
            return True
        with closing(sqlite3.connect(self.engine.url.database or "", timeout=1, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
        return True

    def state(self, name: str) -> JobState:
        return self.jobs.find(name).state

    def wait_for_start(self, name: str, *, n: int = 1) -> None:
        wait_until(lambda: len(self.starts(name)) >= n, f"{name} was begun {n} times")

    def wait_for(self, state: JobState, *names: str) -> None:
        wait_until(lambda: {self.state(name) for name in names} == {state}, f"{names} were {state.value}")

    def close(self) -> None:
        """End what still runs."""
        for process in self.processes:
            if process.is_alive():
                assert process.pid is not None
                os.kill(process.pid, signal.SIGKILL)
            process.join(timeout=20)
        self.engine.dispose()


def _work(name: str, kind: str, queues: list[str], url: str, folder: str, rhythm: Rhythm) -> None:
    log = logging.FileHandler(Path(folder) / f"{name}.log")
    logging.basicConfig(level=logging.INFO, handlers=[log])
    logging.getLogger("dbos").addHandler(log)
    for known in ("effect", "newer") if name == "newer" else ("effect",):
        job(known, Queue.INGEST, first_wait_s=0.05)(_effect(name, Path(folder)))
    settings = Settings(data_folder=Path(folder), database=url)
    if kind == "embedded":
        run_embedded_worker(settings, rhythm=rhythm)
    else:
        run_worker(settings, [Queue(each) for each in queues], rhythm=rhythm)


def _effect(worker: str, folder: Path) -> Callable[[JobContext, list[str]], None]:
    """A job that does what its second id says, then leaves its first id in the database, once."""

    def effect(context: JobContext, ids: list[str]) -> None:
        name, action = ids
        with (folder / f"{name}.starts").open("a") as starts:
            starts.write(f"{worker}\n")
        _act(context, action, folder, name=name, worker=worker)
        with context.transaction() as session:
            done = session.execute(text("SELECT 1 FROM effect WHERE name = :name"), {"name": name}).first()
            if done is None:
                session.execute(text("INSERT INTO effect VALUES (:name, :worker)"), {"name": name, "worker": worker})

    return effect


def _act(context: JobContext, action: str, folder: Path, *, name: str, worker: str) -> None:
    verb, _, word = action.partition(" ")
    if verb == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if verb == "wait":
        while not ((folder / word).exists() or (folder / f"{word}-{worker}").exists()):
            time.sleep(0.02)
    if verb == "watch":
        while not context.is_cancelled():
            time.sleep(0.02)
        (folder / f"{name}.saw").touch()
    if verb == "mend" and not (folder / word).exists():
        raise MendMe(f"file {word!r} is missing, expected one")
    if verb == "pass" and not (folder / word).exists():
        raise ConnectionResetError(f"by {name.upper()}")
    if verb == "third" and len((folder / f"{name}.starts").read_text().split()) < 3:
        raise ConnectionResetError


__all__ = ["FAST", "PATIENT", "USUAL_RHYTHM", "Bench", "wait_until"]
