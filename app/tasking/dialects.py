"""A recording whose dialect was wrong: its drafts, tasks and counts follow, what was stays on record."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from app.drafting.queries import gets_drafts, lock_recordings
from app.drafting.requests import ask_for_drafts
from app.jobs.errands import Enqueue, ask, enqueue_job, tasking
from app.tasking.queries import has_waiting_segments, recordings_of, waiting_tasks_of
from app.uploads.arrivals import lock_project
from models.project import Project
from models.recording import DialectChange, Recording, RecordingState
from models.task import TaskState
from pipeline.dialects.catalogue import get_dialect
from pipeline.errors import UnknownDialect

_IN_WORK = (RecordingState.SEGMENTED, RecordingState.DRAFTED, RecordingState.READY)


def correct_dialect(
    session: Session, recording: Recording, dialect: str | None, author: str, reason: str = "",
    *, enqueue: Enqueue = enqueue_job,
) -> DialectChange | None:  # fmt: skip
    """Say what a recording is spoken in; None where it turned out not to be known. None comes back where it was so.

    Tasks that wait are made anew; those that somebody has, or has done, stay: they count for the recording's dialect.
    Where the models are now told another language, the recording is drafted again beside the drafts that are there.
    Segments stay as they were cut.

    Raises:
        UnknownDialect: the catalogue has no such dialect.
    """
    after = get_dialect(dialect).tag if dialect is not None else None
    project = lock_project(session, recording.project_id)
    (recording,) = lock_recordings(session, [recording.id])
    before = recording.dialect
    if after == before:
        return None
    change = DialectChange(recording_id=recording.id, before=before, after=after, author=author, reason=reason)
    session.add(change)
    recording.dialect = after
    session.flush()
    if recording.state in _IN_WORK:
        _regroup(session, project, recording, before, enqueue=enqueue)
    return change


def is_drafted_alike(one: str | None, other: str | None) -> bool:
    """Whether models are asked for the same in both dialects: language token, prompt, script."""
    return _asked_for(one) == _asked_for(other)


def _asked_for(tag: str | None) -> tuple[object, ...] | None:
    try:
        dialect = get_dialect(tag) if tag is not None else None
    except UnknownDialect:
        return None
    if dialect is None:
        return None
    return (dialect.whisper_token, dialect.nearest_token, dialect.is_drafted, dialect.prompt, dialect.scripts[0])


def _regroup(
    session: Session, project: Project, recording: Recording, before: str | None, *, enqueue: Enqueue
) -> None:  # fmt: skip
    neighbours = _cancel_waiting_tasks(session, recording.id)
    for neighbour in lock_recordings(session, neighbours):
        if neighbour.state is RecordingState.READY:
            neighbour.state = RecordingState.DRAFTED
    is_open = has_waiting_segments(session, recording.id)
    is_to_be_drafted = gets_drafts(session, recording.id) and not is_drafted_alike(before, recording.dialect)
    if is_open and is_to_be_drafted:
        recording.state = RecordingState.SEGMENTED
    elif is_open and recording.state is RecordingState.READY:
        recording.state = RecordingState.DRAFTED
    session.flush()
    if gets_drafts(session, recording.id):
        ask_for_drafts(session, project, priority=recording.priority, enqueue=enqueue)
    # Of the old dialect too: what was left of it may now wait no longer.
    errands = (tasking(project.id, dialect) for dialect in (before, recording.dialect))
    for errand in sorted(errands, key=lambda errand: errand.name):
        ask(session, errand, enqueue=enqueue)


def _cancel_waiting_tasks(session: Session, recording_id: UUID) -> set[UUID]:
    """Cancel the tasks with segments of a recording that nobody has; gives the other recordings in them."""
    tasks = waiting_tasks_of(session, recording_id)
    neighbours = recordings_of(session, tasks) - {recording_id}
    for task in tasks:
        task.state = TaskState.CANCELLED
    session.flush()
    return neighbours
