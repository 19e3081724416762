"""Whether everything that was handed in is there, once: the database and the files against the manifest, row by row."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import open_engine, sessions
from app.settings import Settings
from app.storage import open_store
from models.draft import Draft
from models.recording import Recording, RecordingState
from models.segment import Segment
from models.task import Task, TaskSegment, TaskState
from scripts.service_bench.service import Place


def faults(place: Place, project_id: str, manifest: Path) -> list[str]:
    """What is missing, there twice, or other than what was sent; empty when all is well."""
    engine = open_engine(place.database_url)
    try:
        with sessions(engine)() as session:
            project = UUID(project_id)
            return [*_recording_faults(session, place, project, manifest), *_segment_faults(session, project)]
    finally:
        engine.dispose()


def _recording_faults(session: Session, place: Place, project_id: UUID, manifest: Path) -> Iterator[str]:
    store = open_store(Settings(data_folder=place.folder))
    by_reference: dict[str | None, list[Recording]] = {}
    for recording in session.scalars(select(Recording).where(Recording.project_id == project_id)):
        by_reference.setdefault(recording.client_reference, []).append(recording)
    with manifest.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    for row in rows:
        name, found = row["path"], by_reference.pop(row["client_reference"], [])
        if len(found) != 1:
            yield f"{name}: {len(found)} recordings, expected 1"
            continue
        content = (manifest.parent / name).read_bytes()
        if found[0].sha256 != hashlib.sha256(content).hexdigest():
            yield f"{name}: the recording has another sha256"
        elif store.read_range(found[0].storage_key, 0, len(content)) != content:
            yield f"{name}: the stored file differs from what was sent"
        if found[0].state is not RecordingState.READY:
            yield f"{name}: {found[0].state}, expected ready"
    yield from (f"{reference}: a recording that nobody sent" for reference in by_reference)


def _segment_faults(session: Session, project_id: UUID) -> Iterator[str]:
    segments = select(Segment.id).join(Recording, Recording.id == Segment.recording_id)
    segments = segments.where(Recording.project_id == project_id)
    drafts, places = func.count(Draft.id.distinct()), func.count(Task.id.distinct())
    query = (
        segments.add_columns(drafts, places)
        .outerjoin(Draft, Draft.segment_id == Segment.id)
        .outerjoin(TaskSegment, TaskSegment.segment_id == Segment.id)
        .outerjoin(Task, (Task.id == TaskSegment.task_id) & (Task.state != TaskState.CANCELLED))
        .group_by(Segment.id)
        .having((drafts != 1) | (places != 1))
    )
    for segment_id, n_drafts, n_tasks in session.execute(query):
        yield f"segment {segment_id}: {n_drafts} drafts and {n_tasks} tasks, expected one of each"
    span = (Segment.recording_id, Segment.channel, Segment.start_ms)
    twice = select(*span).join(Recording, Recording.id == Segment.recording_id)
    twice = twice.where(Recording.project_id == project_id).group_by(*span).having(func.count() > 1)
    for recording_id, channel, start_ms in session.execute(twice):
        yield f"recording {recording_id}: channel {channel} has two segments from {start_ms} ms"
