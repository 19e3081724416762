"""Recordings as they are shown, in few statements however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import Session

from app.recordings.schemas import (
    DialectChangeRead,
    RecordingCounts,
    RecordingDetail,
    RecordingRead,
    RecordingsQuery,
    SpeakerRead,
)  # fmt: skip
from app.segments.queries import is_current
from models.draft import Draft
from models.recording import DialectChange, Recording
from models.segment import Segment
from models.speaker import Speaker
from models.task import Task, TaskSegment, TaskState

_PLAIN_FILTERS = ("state", "dialect", "client_reference", "country", "state_or_province", "district")


def of_project(project_id: UUID, wanted: RecordingsQuery) -> Select[Recording]:
    """The recordings of a project that meet every condition given."""
    query = select(Recording).where(Recording.project_id == project_id)
    for name in _PLAIN_FILTERS:
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(Recording, name) == value)
    if wanted.speaker is not None:
        speaker = select(Speaker.id).where(Speaker.project_id == project_id, Speaker.pseudonym == wanted.speaker)
        query = query.where(Recording.speaker_id.in_(speaker))
    return query


def with_speakers(session: Session, recordings: Sequence[Recording]) -> list[RecordingRead]:
    """Recordings as they are listed, in the same order."""
    speakers = _speakers(session, recordings)
    return [RecordingRead(**_fields(RecordingRead, each, speakers)) for each in recordings]


def detail(session: Session, recording: Recording) -> RecordingDetail:
    """A recording with its progress and the corrections of its dialect."""
    changes = select(DialectChange).where(DialectChange.recording_id == recording.id).order_by(DialectChange.created_at)
    return RecordingDetail(
        **_fields(RecordingDetail, recording, _speakers(session, [recording])),
        counts=counts(session, recording.id),
        dialect_changes=[DialectChangeRead.model_validate(row) for row in session.scalars(changes)],
    )


def counts(session: Session, recording_id: UUID) -> RecordingCounts:
    """How far the segments of a recording have come."""
    row = session.execute(
        select(
            func.count().label("n_segments"),
            func.coalesce(func.sum(Segment.end_ms - Segment.start_ms), 0).label("segments_ms"),
            _number(has_text()).label("n_drafted"),
            _number(and_(~has_text(), has_draft())).label("n_without_text"),
            _number(in_task()).label("n_in_tasks"),
            _number(in_task(TaskState.DONE)).label("n_done"),
        ).where(Segment.recording_id == recording_id, is_current())
    ).one()
    return RecordingCounts.model_validate(row)


def has_draft() -> ColumnElement[bool]:
    """That a draft, or a reason why there is none, stands for the segment."""
    return exists().where(Draft.segment_id == Segment.id)


def has_text() -> ColumnElement[bool]:
    """That a draft with a text stands for the segment."""
    return exists().where(Draft.segment_id == Segment.id, Draft.text.is_not(None))


def in_task(state: TaskState | None = None) -> ColumnElement[bool]:
    """That the segment lies in a task of this state; without one: in any that is not cancelled."""
    wanted = Task.state != TaskState.CANCELLED if state is None else Task.state == state
    return exists().where(TaskSegment.segment_id == Segment.id, TaskSegment.task_id == Task.id, wanted)


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _speakers(session: Session, recordings: Sequence[Recording]) -> dict[UUID, Speaker]:
    ids = {recording.speaker_id for recording in recordings if recording.speaker_id is not None}
    if not ids:
        return {}
    return {row.id: row for row in session.scalars(select(Speaker).where(Speaker.id.in_(ids)))}


def _fields(shape: type[RecordingRead], recording: Recording, speakers: dict[UUID, Speaker]) -> dict[str, Any]:
    """What a shape takes from the recording itself, and its speaker."""
    own = {name: getattr(recording, name) for name in shape.model_fields if hasattr(recording, name)}
    speaker = None if recording.speaker_id is None else speakers[recording.speaker_id]
    return own | {"speaker": None if speaker is None else SpeakerRead.model_validate(speaker)}
