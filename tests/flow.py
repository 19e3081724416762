"""The way of recordings through the steps, without the engine: jobs wait in memory and are run one after another."""

from __future__ import annotations

import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import event, select
from sqlalchemy.orm import Session, sessionmaker

from app.db import transaction
from app.drafting.service import draft
from app.ingest.service import ingest
from app.jobs.context import JobContext
from app.jobs.queues import JobName, Queue
from app.settings import Settings
from app.storage import open_store, recording_key, sha256_of
from app.tasking.service import make_tasks
from models.draft import Draft
from models.project import Project
from models.recording import Recording, RecordingState
from models.segment import Segment
from models.task import Task, TaskSegment, TaskState
from pipeline.asr.fake import FakeRecogniser
from pipeline.asr.recogniser import Recogniser
from tests.factories import add_project, add_recording

PHRASE_S = 3
"""A second of voiced sound and two of silence: too far apart to be joined, so each phrase is a segment."""


class Crash(Exception):
    """The process dies before a commit."""


@dataclass
class Flow:
    """Everything that the steps work with."""

    sessions: sessionmaker[Session]
    folder: Path
    recognisers: dict[str, Recogniser] = field(default_factory=lambda: {"fake": FakeRecogniser()})
    waiting: list[tuple[str, list[str]]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    context: JobContext = field(init=False)

    def __post_init__(self) -> None:
        settings = Settings(_env_file=None, data_folder=self.folder / "data", engine="fake")  # type: ignore[call-arg]
        self.context = JobContext(settings, self.sessions, open_store(settings))

    def enqueue(
        self, session: Session, job: str, ids: list[str], *,
        key: str, queue: Queue, priority: int = 100, delay_s: float = 0.0,
    ) -> None:  # fmt: skip
        """As the engine does: with the commit, and once a key."""
        if key not in self.keys:
            event.listen(session, "after_commit", lambda _: self._taken(key, job, ids), once=True)

    def _taken(self, key: str, job: str, ids: list[str]) -> None:
        self.keys.add(key)
        self.waiting.append((job, ids))

    def project(self, **columns: Any) -> Project:
        """A project that the fake engine drafts."""
        with transaction(self.sessions) as session:
            return add_project(session, **{"model": "fake"} | columns)

    def receive(self, project: Project, sound: Path, **columns: Any) -> UUID:
        """A recording as uploads leave it."""
        sha256 = sha256_of(sound)
        key = recording_key(project.id, sha256)
        self.context.store.put_file(key, sound, sha256=sha256)
        with transaction(self.sessions) as session:
            given = {"file_name": sound.name, "duration_ms": None, "n_channels": None, "sha256": sha256}
            recording = add_recording(
                session, project_id=project.id, state=RecordingState.RECEIVED, storage_key=key,
                size_bytes=sound.stat().st_size, **given | columns,
            )  # fmt: skip
            session.flush()
            self.enqueue(session, JobName.INGEST, [str(recording.id)], key=f"ingest:{recording.id}", queue=Queue.INGEST)
            return recording.id

    def run(self, *, random: Random | None = None) -> None:
        """Run jobs until none is left, in order or in any."""
        while self.waiting:
            self.run_one(random.randrange(len(self.waiting)) if random else 0)

    def run_crashing(self, random: Random) -> int:
        """Run all jobs in any order; one commit in five never happens, and its job starts again. Gives how many."""
        n_crashes = 0

        def crash(_: Session) -> None:
            if random.random() < 0.2:
                raise Crash

        event.listen(self.sessions, "before_commit", crash)
        try:
            while self.waiting:
                place = random.randrange(len(self.waiting))
                job = self.waiting[place]
                try:
                    self.run_one(place)
                except Crash:
                    n_crashes += 1
                    self.waiting.append(job)
        finally:
            event.remove(self.sessions, "before_commit", crash)
        return n_crashes

    def run_one(self, place: int = 0) -> None:
        """Run a job that waits."""
        job, ids = self.waiting.pop(place)
        match job:
            case JobName.INGEST:
                ingest(self.context, UUID(ids[0]), enqueue=self.enqueue)
            case JobName.DRAFT:
                draft(self.context, *ids, recogniser=self.recognisers[ids[0]], enqueue=self.enqueue)
            case JobName.TASKS:
                make_tasks(self.context, UUID(ids[0]), ids[1] or None)

    def recording(self, recording_id: UUID) -> Recording:
        """As it is now."""
        with self.sessions() as session:
            return session.get_one(Recording, recording_id)

    def segments(self, recording_id: UUID) -> Sequence[Segment]:
        """Its segments by start."""
        query = select(Segment).where(Segment.recording_id == recording_id).order_by(Segment.start_ms, Segment.channel)
        with self.sessions() as session:
            return session.scalars(query).all()

    def drafts(self, recording_id: UUID) -> Sequence[Draft]:
        """The drafts of its segments by start."""
        query = select(Draft).join(Segment, Segment.id == Draft.segment_id).where(Segment.recording_id == recording_id)
        with self.sessions() as session:
            return session.scalars(query.order_by(Segment.start_ms, Draft.created_at, Draft.id)).all()

    def tasks(self, *states: TaskState) -> list[tuple[Task, list[UUID]]]:
        """Tasks (that were not cancelled, unless told otherwise) with their segments in order."""
        wanted = states or tuple(state for state in TaskState if state is not TaskState.CANCELLED)
        with self.sessions() as session:
            tasks = session.scalars(select(Task).where(Task.state.in_(wanted)).order_by(Task.created_at, Task.id)).all()
            places = select(TaskSegment).order_by(TaskSegment.task_id, TaskSegment.position)
            rows = session.scalars(places).all()
        return [(task, [row.segment_id for row in rows if row.task_id == task.id]) for task in tasks]

    def change(self, act: Callable[[Session], Any]) -> Any:
        """What a request does, in a transaction."""
        with transaction(self.sessions) as session:
            return act(session)


def phrases(folder: Path, n_phrases: int, *, seed: int = 0, pause_s: float = PHRASE_S - 1) -> Path:
    """A recording with so many phrases, other ones for each seed."""
    random = np.random.default_rng(seed)
    instant_s = np.arange(16_000) / 16_000
    parts = [random.normal(0, 1, 160)]
    for pitch_hz in random.uniform(90, 220, n_phrases):
        voice = sum(np.sin(2 * np.pi * pitch_hz * k * instant_s) / k for k in range(1, 20))
        parts += [2000 * voice * (0.55 + 0.45 * np.sin(8 * np.pi * instant_s)), np.zeros(int(pause_s * 16_000))]
    return write_wav(folder / f"phrases-{seed}-{n_phrases}-{pause_s}.wav", np.concatenate(parts))


def write_wav(path: Path, samples: np.ndarray[Any, np.dtype[Any]]) -> Path:
    """16 kHz mono."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(np.clip(samples, -32_000, 32_000).astype("<i2").tobytes())
    return path
