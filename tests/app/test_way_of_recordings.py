"""From stored files to tasks, by the real engine in real processes that are killed, and by the demo model."""

from __future__ import annotations

import csv
import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.db import open_engine, reading, sessions, transaction
from app.drafting.recognisers import kept_recogniser
from app.jobs.embedded import run_embedded_worker
from app.jobs.errands import enqueue_job
from app.jobs.inspection import Jobs
from app.jobs.queues import JobName, Queue
from app.jobs.worker import Rhythm
from app.settings import Settings
from app.storage import open_store, recording_key, sha256_of
from models.draft import Draft, DraftClaim
from models.recording import Recording, RecordingState
from models.segment import Segment
from models.task import Task, TaskSegment
from tests.factories import add_project, add_recording
from tests.flow import Flow, phrases

DEMO = Path(__file__).parents[2] / "demo" / "recordings"
N_RECORDINGS = 9
N_KILLS = 5
LONGEST_S = 90.0
RHYTHM = Rhythm(beat_s=0.5, dead_after_s=60.0, reap_s=0.5, sweep_s=1.0, grace_s=0.5)
_START = multiprocessing.get_context("forkserver")
_START.set_forkserver_preload([__name__])


def work(data_folder: Path, url: str) -> None:
    """A worker of all queues; each clip takes the fake engine 30 ms."""
    os.environ["BOLI_FAKE_DELAY_MS"] = "30"
    run_embedded_worker(settings_of(data_folder, url), rhythm=RHYTHM)


def settings_of(data_folder: Path, url: str) -> Settings:
    return Settings(_env_file=None, data_folder=data_folder, database=url, engine="fake")  # type: ignore[call-arg]


@contextmanager
def worker(data_folder: Path, url: str) -> Iterator[BaseProcess]:
    """A worker process, killed when the block ends."""
    process = _START.Process(target=work, args=(data_folder, url), daemon=True)
    process.start()
    try:
        yield process
    finally:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join(timeout=30)


def submit(maker: sessionmaker[Session], settings: Settings, sounds: list[Path], random: Random) -> list[UUID]:
    """Recordings of two projects in two dialects, as uploads leave them; the last one's sound is there already."""
    store, ids = open_store(settings), []
    with transaction(maker) as session:
        project_ids = [add_project(session, model="fake").id for _ in range(2)]
    for number, sound in enumerate(sounds):
        project_id, sha256 = project_ids[number % 2], sha256_of(sound)
        key = recording_key(project_id, sha256)
        store.put_file(key, sound, sha256=sha256)
        with transaction(maker) as session:
            recording = add_recording(
                session, project_id=project_id, state=RecordingState.RECEIVED, storage_key=key, sha256=sha256,
                dialect=random.choice(("hi-IN", "ta-IN")), size_bytes=sound.stat().st_size,
                file_name=f"{number}.wav", duration_ms=None, n_channels=None,
            )  # fmt: skip
            session.flush()
            ids.append(recording.id)
            enqueue_job(
                session, JobName.INGEST, [str(recording.id)], key=f"ingest:{recording.id}", queue=Queue.INGEST
            )  # fmt: skip
    return ids


def wait_for_progress(maker: sessionmaker[Session], n_rows: int, then_s: float) -> None:
    """Wait until a worker has written so many rows, or has nothing left to write; then for a moment more."""
    before, deadline = n_written(maker), time.monotonic() + LONGEST_S / N_KILLS
    while n_moving(maker) and n_written(maker) < before + n_rows and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(then_s)


def n_written(maker: sessionmaker[Session]) -> int:
    """Rows that the steps have written."""
    with reading(maker) as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (Segment, Draft, TaskSegment)]
    return sum(count or 0 for count in counts)


def n_moving(maker: sessionmaker[Session]) -> int:
    """Recordings that are still on their way."""
    on_the_way = (RecordingState.RECEIVED, RecordingState.SEGMENTED, RecordingState.DRAFTED)
    with reading(maker) as session:
        return session.scalar(select(func.count(Recording.id)).where(Recording.state.in_(on_the_way))) or 0


@pytest.mark.slow
def test_workers_killed_at_random_moments_lose_nothing_and_do_nothing_twice(database_url: str, tmp_path: Path) -> None:
    random = Random(7)
    sounds = [phrases(tmp_path, 4, seed=number) for number in range(N_RECORDINGS - 1)]
    settings = settings_of(tmp_path / "data", database_url)
    engine = open_engine(database_url)
    maker = sessions(engine)
    ids = submit(maker, settings, [*sounds, sounds[0]], random)
    for _ in range(N_KILLS):
        with worker(tmp_path / "data", database_url):
            wait_for_progress(maker, random.randrange(1, 12), random.uniform(0, 0.3))
    with worker(tmp_path / "data", database_url) as survivor:
        deadline = time.monotonic() + LONGEST_S
        while n_moving(maker):
            assert time.monotonic() < deadline, "recordings do not arrive"
            assert survivor.is_alive()
            for dead in Jobs(engine).dead():  # killed as often as a job may be
                Jobs(engine).retry(dead.key)
            time.sleep(0.2)
    check(maker, ids)
    engine.dispose()


def check(maker: sessionmaker[Session], ids: list[UUID]) -> None:
    """Row by row: each segment once, with one draft, in one task."""
    with reading(maker) as session:
        states = Counter(session.scalars(select(Recording.state).where(Recording.id.in_(ids))))
        segments = session.scalars(select(Segment)).all()
        drafted = Counter(session.scalars(select(Draft.segment_id)))
        placed = Counter(session.scalars(select(TaskSegment.segment_id)))
        n_claims = session.scalar(select(func.count()).select_from(DraftClaim))
        durations_ms = session.scalars(select(Task.duration_ms)).all()
    assert states == {RecordingState.READY: N_RECORDINGS - 1, RecordingState.DUPLICATE: 1}
    assert len(segments) == len({(each.recording_id, each.start_ms) for each in segments}) == 4 * (N_RECORDINGS - 1)
    assert drafted == placed == Counter(each.id for each in segments)
    assert n_claims == 0
    assert sum(durations_ms) == sum(each.duration_ms for each in segments)


@pytest.mark.slow
def test_the_sample_recordings_are_drafted_by_the_demo_model_and_become_tasks(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_engine(sqlite_url)
    flow = Flow(sessions(engine), tmp_path)
    settings = flow.context.settings.model_copy(update={"engine": None})
    flow.recognisers["demo"] = kept_recogniser("demo", settings)
    project = flow.project(model="demo")
    with (DEMO / "manifest.tsv").open(encoding="utf-8") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t"))
    ids = {
        row["path"]: flow.receive(
            project, DEMO / row["path"], dialect=row["dialect"], client_draft={"text": row["transcript"]}
        )
        for row in rows
    }
    flow.run()
    for row in rows:
        recording_id = ids[row["path"]]
        recording = flow.recording(recording_id)
        assert (recording.state, recording.fault) == (RecordingState.READY, None)
        assert recording.duration_ms == pytest.approx(float(row["duration_s"]) * 1000, abs=100)
        by_model = [each for each in flow.drafts(recording_id) if each.asr_model_id]
        assert len(by_model) == len(flow.segments(recording_id)) > 0
        assert "".join(each.text or "" for each in by_model)
    assert {task.dialect for task, _ in flow.tasks()} == {row["dialect"] for row in rows}
    assert sum(len(held) for _, held in flow.tasks()) == sum(len(flow.segments(each)) for each in ids.values())
    engine.dispose()
