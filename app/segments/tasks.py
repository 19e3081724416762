"""Open tasks follow an edit: what stands in a segment's place takes its place there. Tasks that are done stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.segments.queries import lock_open_tasks, segments_of_task
from models.segment import Segment
from models.task import Task, TaskSegment, TaskStage, TaskState

Contents = Mapping[UUID, Sequence[Segment]]
"""The segments of each task, in order."""


class TaskTaken(Conflict):
    """An edit that would change a segment in the hands of somebody who works on it."""

    title = "Somebody else works on one of the segments"


def follow(session: Session, replaced: Sequence[UUID], made: Sequence[Segment]) -> None:
    """Put new segments into the open tasks that held the old ones, each in the place of what it stands for.

    Both in the order of time. Where merged neighbours lay in two tasks of one stage, the new segment goes to the task
    that somebody has, else to that of the first; a task that is left without segments is cancelled.

    Raises:
        TaskTaken: people have several of those tasks.
    """
    tasks = lock_open_tasks(session, replaced)
    if len([task for task in tasks if task.state is TaskState.CLAIMED]) > 1:
        raise TaskTaken("these segments lie in several tasks that people have: wait until one is handed in")
    contents = {task.id: segments_of_task(session, task.id) for task in tasks}
    for stage in TaskStage:
        of_stage = [task for task in tasks if task.stage is stage]
        places = _places(replaced, made, of_stage, contents)
        for task in of_stage:
            _refill(session, task, [new for old in contents[task.id] for new in places.get(old.id, [old])])


def _places(
    replaced: Sequence[UUID], made: Sequence[Segment], tasks: Sequence[Task], contents: Contents
) -> Mapping[UUID, Sequence[Segment]]:  # fmt: skip
    """What stands in the place of each segment that went: its parts, what it became, or the whole of a merger."""
    if len(replaced) == len(made):
        return {old: [new] for old, new in zip(replaced, made, strict=True)}
    nothing: dict[UUID, Sequence[Segment]] = {old: [] for old in replaced}
    return nothing | {_home(replaced, tasks, contents): made}


def _home(replaced: Sequence[UUID], tasks: Sequence[Task], contents: Contents) -> UUID:
    """The one of them whose place is taken: the first in a task that somebody has, else the first in any."""
    taken = [task for task in tasks if task.state is TaskState.CLAIMED] or tasks
    held = {segment.id for task in taken for segment in contents[task.id]}
    return next((old for old in replaced if old in held), replaced[0])


def _refill(session: Session, task: Task, segments: Sequence[Segment]) -> None:
    session.execute(delete(TaskSegment).where(TaskSegment.task_id == task.id))
    if segments:
        rows = [
            {"task_id": task.id, "position": position, "segment_id": segment.id}
            for position, segment in enumerate(segments)
        ]
        session.execute(insert(TaskSegment), rows)
    else:
        task.state = TaskState.CANCELLED
    task.n_segments = len(segments)
    task.duration_ms = sum(segment.duration_ms for segment in segments)
    session.flush()
