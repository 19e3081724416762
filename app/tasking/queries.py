"""Segments that wait for a task, and tasks that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from app.drafting.queries import is_drafted, lock_recordings, with_choices
from app.segments.queries import is_current
from models.base import now
from models.project import Project
from models.recording import Recording, RecordingState
from models.segment import Segment
from models.task import Task, TaskSegment, TaskStage, TaskState
from models.upload import Upload, UploadState


def in_dialect(dialect: str | None) -> ColumnElement[bool]:
    """Whether a recording is in a dialect; None: in none that is known."""
    return Recording.dialect.is_(None) if dialect is None else Recording.dialect == dialect


def is_in_task() -> ColumnElement[bool]:
    """Whether a segment lies in a task of correction that was not cancelled."""
    return (
        exists()
        .where(TaskSegment.segment_id == Segment.id, Task.id == TaskSegment.task_id)
        .where(Task.stage == TaskStage.CORRECTION, Task.state != TaskState.CANCELLED)
    )


def lock_undrafted(session: Session, project_id: UUID, dialect: str | None) -> Sequence[Recording]:
    """Recordings, locked, that wait for drafts although drafting is off by now."""
    query = with_choices(select(Recording.id)).where(
        Recording.project_id == project_id, in_dialect(dialect), Recording.state == RecordingState.SEGMENTED
    )
    ids = session.scalars(query.where(or_(Recording.dialect.is_(None), ~is_drafted())))
    return [each for each in lock_recordings(session, ids) if each.state is RecordingState.SEGMENTED]


def lock_drafted(session: Session, project_id: UUID, dialect: str | None) -> Sequence[Recording]:
    """Recordings, locked, that have segments in no task, in the order in which they are to be worked on."""
    query = select(Recording.id).where(
        Recording.project_id == project_id, in_dialect(dialect), Recording.state == RecordingState.DRAFTED
    )
    locked = lock_recordings(session, session.scalars(query))
    return [each for each in locked if each.state is RecordingState.DRAFTED and each.dialect == dialect]


def waiting_segments(
    session: Session, project_id: UUID, dialect: str | None
) -> Sequence[tuple[UUID, UUID, int]]:  # fmt: skip
    """Recording, segment and length of each segment of a drafted recording that lies in no task, as it is heard."""
    query = (
        select(Segment.recording_id, Segment.id, Segment.start_ms, Segment.end_ms)
        .join(Recording, Recording.id == Segment.recording_id)
        .where(Recording.project_id == project_id, in_dialect(dialect), Recording.state == RecordingState.DRAFTED)
        .where(is_current(), ~is_in_task())
        .order_by(Segment.recording_id, Segment.start_ms, Segment.channel)
    )
    return [(recording, segment, end - start) for recording, segment, start, end in session.execute(query)]


def is_more_coming(session: Session, project_id: UUID, dialect: str | None) -> bool:
    """Whether recordings of a dialect are on their way to be drafted, or files of the project are being received."""
    on_its_way = exists().where(
        Recording.project_id == project_id, in_dialect(dialect),
        Recording.state.in_((RecordingState.RECEIVED, RecordingState.SEGMENTED)),
    )  # fmt: skip
    received = exists().where(
        Upload.project_id == project_id, Upload.state == UploadState.OPEN, Upload.expires_at > now()
    )  # fmt: skip
    return bool(session.scalar(select(or_(on_its_way, received))))


def waiting_tasks_of(session: Session, recording_id: UUID) -> Sequence[Task]:
    """Tasks of correction with segments of a recording that nobody has claimed, locked."""
    holding = (
        select(TaskSegment.task_id)
        .join(Segment, Segment.id == TaskSegment.segment_id)
        .where(Segment.recording_id == recording_id)
    )
    query = select(Task).where(Task.id.in_(holding), Task.stage == TaskStage.CORRECTION)
    locked = query.where(Task.state == TaskState.WAITING).order_by(Task.id).with_for_update(key_share=True)
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def recordings_of(session: Session, tasks: Iterable[Task]) -> set[UUID]:
    """The recordings that tasks hold segments of."""
    query = (
        select(Segment.recording_id)
        .join(TaskSegment, TaskSegment.segment_id == Segment.id)
        .where(TaskSegment.task_id.in_([task.id for task in tasks]))
    )
    return set(session.scalars(query.distinct()))


def has_waiting_segments(session: Session, recording_id: UUID) -> bool:
    """Whether a segment of a recording lies in no task."""
    query = select(Segment.id).where(Segment.recording_id == recording_id, is_current(), ~is_in_task())
    return session.scalars(query.limit(1)).first() is not None


def missed_kinds(session: Session, *, before: datetime) -> list[tuple[UUID, str | None]]:
    """Projects and dialects whose tasks seem to have been missed: recordings of them have not moved since then."""
    drafted = select(Recording.project_id, Recording.dialect).where(Recording.state == RecordingState.DRAFTED)
    blank = with_choices(select(Recording.project_id, Recording.dialect)).where(
        Recording.state == RecordingState.SEGMENTED, or_(Recording.dialect.is_(None), ~is_drafted())
    )
    found = {
        (project_id, dialect)
        for query in (drafted, blank)
        for project_id, dialect in session.execute(query.where(Recording.updated_at < before).distinct())
    }
    return sorted(found, key=str)


def project_due_at(session: Session, project_id: UUID) -> datetime | None:
    """A project's deadline."""
    return session.scalar(select(Project.due_at).where(Project.id == project_id))
