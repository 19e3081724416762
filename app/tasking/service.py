"""Tasks made from the segments of a project and dialect: each segment lies in exactly one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from app.clips.ahead import ask_ahead
from app.jobs.context import JobContext
from app.jobs.errands import begin, enqueue_job, tasking
from app.tasking.queries import is_more_coming, lock_drafted, lock_undrafted, waiting_segments
from app.uploads.arrivals import lock_project
from models.base import new_id, now
from models.project import Project
from models.recording import Recording, RecordingState
from models.task import Task, TaskSegment
from pipeline.task_groups import TaskGroups, TaskRules, WaitingRecording, WaitingSegment, group_into_tasks

RULES = TaskRules()
PATIENCE = timedelta(minutes=10)
"""How long what is too little for a task waits for more, while recordings are on their way."""
_NEVER = datetime.max.replace(tzinfo=UTC)
Places = Mapping[UUID, Recording]
"""The recording of each segment."""


def make_tasks(context: JobContext, project_id: UUID, dialect: str | None) -> None:
    """Put the segments that wait into tasks. What is too little for one waits for more, as long as more is coming."""
    with context.transaction() as session:
        begin(session, tasking(project_id, dialect))
    with context.transaction() as session:
        project = lock_project(session, project_id)  # one at a time: nobody else puts these segments into tasks
        for recording in lock_undrafted(session, project_id, dialect):
            recording.state = RecordingState.DRAFTED
        session.flush()
        recordings = lock_drafted(session, project_id, dialect)
        if recordings:
            _bundle(session, project, dialect, recordings)
        if context.settings.clips_ahead:
            ready = [recording.id for recording in recordings if recording.state is RecordingState.READY]
            ask_ahead(session, ready, enqueue=enqueue_job)


def _bundle(session: Session, project: Project, dialect: str | None, recordings: Sequence[Recording]) -> None:
    by_id = {recording.id: recording for recording in recordings}
    rows = waiting_segments(session, project.id, dialect)
    places = {segment_id: by_id[recording_id] for recording_id, segment_id, _ in rows if recording_id in by_id}
    groups = _groups(project, rows, by_id)
    is_more = is_more_coming(session, project.id, dialect)
    left: set[UUID] = set()
    for group in groups.small:
        if is_more and not _has_waited(group, places):
            left |= {places[segment.key].id for segment in group}
        else:
            _add_task(session, project, dialect, group, places)
    for group in groups.full:
        _add_task(session, project, dialect, group, places)
    for recording in recordings:
        if recording.id not in left:
            recording.state = RecordingState.READY


def _groups(
    project: Project, rows: Sequence[tuple[UUID, UUID, int]], by_id: Mapping[UUID, Recording]
) -> TaskGroups[UUID]:  # fmt: skip
    waiting = [
        (
            by_id[recording_id],
            tuple(WaitingSegment(segment_id, duration_ms) for _, segment_id, duration_ms in of_recording),
        )
        for recording_id, of_recording in groupby(rows, key=lambda row: row[0])
        if recording_id in by_id
    ]
    waiting.sort(key=lambda pair: (pair[0].priority, _due_at(pair[0], project), pair[0].created_at, pair[0].id))
    return group_into_tasks((WaitingRecording(each.speaker_id, segments) for each, segments in waiting), RULES)


def _has_waited(group: Sequence[WaitingSegment[UUID]], places: Places) -> bool:
    """Whether a group that is too small has waited for more for long enough."""
    since = now() - PATIENCE
    return any(places[segment.key].updated_at < since for segment in group)


def _add_task(
    session: Session, project: Project, dialect: str | None, group: Sequence[WaitingSegment[UUID]], places: Places
) -> None:
    recordings = [places[segment.key] for segment in group]
    due_at = min(_due_at(recording, project) for recording in recordings)
    task = Task(
        id=new_id(), project_id=project.id, dialect=dialect, n_segments=len(group),
        duration_ms=sum(segment.duration_ms for segment in group),
        priority=min(recording.priority for recording in recordings), due_at=None if due_at == _NEVER else due_at,
    )  # fmt: skip
    session.add(task)
    session.add_all(
        TaskSegment(task_id=task.id, position=position, segment_id=segment.key)
        for position, segment in enumerate(group)
    )


def _due_at(recording: Recording, project: Project) -> datetime:
    return recording.due_at or project.due_at or _NEVER
