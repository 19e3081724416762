"""A short recording in a folder and SQLite, and in a bucket and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from app.db import open_engine, sessions, transaction
from app.jobs.context import JobContext
from app.storage import open_store, recording_key, sha256_of
from models.segment import Segment
from tests.factories import add_project, add_recording, add_segment, add_task
from tests.pipeline.audio_files import speech_like, write
from tests.stores import settings_of_store

DURATION_MS = 30_000
SEGMENT_MS = 1_000


@dataclass(frozen=True, slots=True)
class Talk:
    """A recording in a project, cut into segments of a second that are one task."""

    context: JobContext
    source: Path
    project_id: UUID
    recording_id: UUID
    task_id: UUID
    segments: list[Segment]


@pytest.fixture(params=[("sqlite", "folder"), ("postgresql", "bucket")], ids=" and ".join)
def context(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobContext]:
    database, store = request.param
    url = request.getfixturevalue(f"{database}_url")
    endpoint = request.getfixturevalue("s3_endpoint") if store == "bucket" else None
    settings = settings_of_store(tmp_path, endpoint).model_copy(update={"database": url})
    engine = open_engine(url)
    yield JobContext(settings, sessions(engine), open_store(settings))
    engine.dispose()


@pytest.fixture
def talk(context: JobContext, tmp_path: Path) -> Talk:
    return new_talk(context, tmp_path / "talk.wav")


def new_talk(context: JobContext, path: Path, *, seed: int = 0) -> Talk:
    """Store a recording and everything that follows from it, but for its clips."""
    sound = speech_like(DURATION_MS / 1000, 8_000, seed=seed)
    sha256 = sha256_of(write(path, sound, 8_000, container="wav", codec="pcm_s16le"))
    with transaction(context.sessions) as session:
        project = add_project(session)
        session.flush()
        recording = add_recording(
            session, project_id=project.id, duration_ms=DURATION_MS, sha256=sha256, size_bytes=path.stat().st_size,
            storage_key=recording_key(project.id, sha256),
        )  # fmt: skip
        session.flush()
        segments = [
            add_segment(session, recording.id, start_ms=start, end_ms=start + SEGMENT_MS)
            for start in range(0, DURATION_MS, SEGMENT_MS)
        ]
        session.flush()
        task = add_task(session, project.id, segments)
    context.store.put_file(recording.storage_key, path, sha256=sha256)
    return Talk(context, path, project.id, recording.id, task.id, segments)
