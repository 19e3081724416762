"""Tasks as they are shown."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.api.cursors import PageQuery
from app.api.texts import DialectTag, Row
from app.drafts.schemas import SegmentRead
from models.task import TaskStage, TaskState


class TasksQuery(PageQuery):
    """Which tasks of a project; every condition given must hold."""

    state: TaskState | None = None
    stage: TaskStage | None = None
    dialect: DialectTag | None = None


class TaskRead(Row):
    """Some minutes of audio that one person works on at a time. priority: lower is sooner."""

    id: UUID
    project_id: UUID
    dialect: str | None
    stage: TaskStage
    state: TaskState
    priority: int
    due_at: datetime | None
    n_segments: int
    duration_ms: int
    created_at: datetime
    updated_at: datetime
    version: int


class TaskDetail(TaskRead):
    """A task with its segments in order."""

    segments: list[SegmentRead]
