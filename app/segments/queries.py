"""Which segments stand now, and which stood where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, case, exists, literal, or_, select
from sqlalchemy.orm import Session

from models.segment import Segment, SegmentReplacement
from models.task import Task, TaskSegment, TaskState

OPEN_STATES = (TaskState.WAITING, TaskState.CLAIMED)


@dataclass(frozen=True, slots=True)
class SegmentGroup:
    """Segments that edits connect, old and new. Scores compare a whole group: its old texts with its current ones.

    Both sorted by channel and start.
    """

    current: tuple[Segment, ...]
    replaced: tuple[Segment, ...]


def is_current() -> ColumnElement[bool]:
    """Whether no other segment stands in the place of this one."""
    return ~exists().where(SegmentReplacement.replaced_id == Segment.id)


def current_segments(session: Session, recording_id: UUID, *, channel: int | None = None) -> Sequence[Segment]:
    """The segments of a recording, or of one channel, that nothing has replaced, by channel and start."""
    query = select(Segment).where(Segment.recording_id == recording_id, is_current())
    if channel is not None:
        query = query.where(Segment.channel == channel)
    return session.scalars(query.order_by(Segment.channel, Segment.start_ms)).all()


def connected_group(session: Session, segment_id: UUID) -> SegmentGroup:
    """Every segment that edits connect with this one, itself among them. Empty where there is no such segment."""
    group = _connected_ids(segment_id)
    query = select(Segment, is_current().label("is_current")).join(group, group.c.id == Segment.id)
    rows = session.execute(query.order_by(Segment.channel, Segment.start_ms, Segment.end_ms, Segment.id)).all()
    return SegmentGroup(
        current=tuple(segment for segment, is_standing in rows if is_standing),
        replaced=tuple(segment for segment, is_standing in rows if not is_standing),
    )


def replacements_of(session: Session, segment_id: UUID) -> Sequence[UUID]:
    """The segments that stand in the place of this one at once; those may be replaced in turn."""
    query = select(SegmentReplacement.segment_id).where(SegmentReplacement.replaced_id == segment_id)
    return session.scalars(query.order_by(SegmentReplacement.segment_id)).all()


def lock_open_tasks(session: Session, segment_ids: Iterable[UUID]) -> Sequence[Task]:
    """Tasks under way or waiting that hold any of these segments, locked until the commit, always in one order."""
    holding = select(TaskSegment.task_id).where(TaskSegment.segment_id.in_(list(segment_ids)))
    query = select(Task).where(Task.id.in_(holding), Task.state.in_(OPEN_STATES)).order_by(Task.id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def segments_of_task(session: Session, task_id: UUID) -> Sequence[Segment]:
    """The segments of a task, in order."""
    query = select(Segment).join(TaskSegment, TaskSegment.segment_id == Segment.id)
    return session.scalars(query.where(TaskSegment.task_id == task_id).order_by(TaskSegment.position)).all()


def _connected_ids(segment_id: UUID) -> CTE:
    """Walks replacements both ways. UNION drops what was found already, so the walk ends."""
    group = select(literal(segment_id, Segment.id.type).label("id")).cte("connected", recursive=True)
    other = case(
        (SegmentReplacement.segment_id == group.c.id, SegmentReplacement.replaced_id),
        else_=SegmentReplacement.segment_id,
    )
    touches = or_(SegmentReplacement.segment_id == group.c.id, SegmentReplacement.replaced_id == group.c.id)
    return group.union(select(other).join_from(group, SegmentReplacement, touches))
