"""Tasks and their segments."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.cursors import behind, split
from app.drafts.queries import with_drafts
from app.segments.queries import segments_of_task
from app.tasks.schemas import TaskDetail, TaskRead, TasksQuery
from models.task import Task


def list_tasks(session: Session, project_id: UUID, wanted: TasksQuery) -> tuple[Sequence[Task], str | None]:
    """A page of a project's tasks, in the order of making."""
    query = select(Task).where(Task.project_id == project_id)
    for name in ("state", "stage", "dialect"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(Task, name) == value)
    return split(session.scalars(behind(query, Task, wanted)).all(), wanted)


def detail(session: Session, task: Task) -> TaskDetail:
    """A task with its segments and their drafts."""
    segments = segments_of_task(session, task.id)
    own = {name: getattr(task, name) for name in TaskRead.model_fields}
    return TaskDetail(**own, segments=with_drafts(session, segments))
