"""Tasks: two to five minutes of audio that one person works on at a time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Edited, choice, refers_to


class TaskStage(StrEnum):
    """What is to be done."""

    CORRECTION = "correction"
    REVIEW = "review"
    ADJUDICATION = "adjudication"


class TaskState(StrEnum):
    """How far it has come."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    CANCELLED = "cancelled"


class Task(Edited, Base):
    """Segments of one project and dialect, in order. priority: lower is sooner. duration_ms: audio in its segments."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("n_segments >= 0 AND duration_ms >= 0", name="sizes"),
        Index(None, "state", "stage", "dialect", "project_id", "priority", "due_at"),
        Index(None, "project_id", "created_at", "id"),
    )

    project_id: Mapped[UUID] = mapped_column(refers_to("project.id"))
    dialect: Mapped[str | None]
    stage: Mapped[TaskStage] = mapped_column(choice(TaskStage), default=TaskStage.CORRECTION)
    state: Mapped[TaskState] = mapped_column(choice(TaskState), default=TaskState.WAITING)
    priority: Mapped[int] = mapped_column(default=100)
    due_at: Mapped[datetime | None]
    n_segments: Mapped[int]
    duration_ms: Mapped[int]


class TaskSegment(Base):
    """The segment at a place of a task."""

    __tablename__ = "task_segment"

    task_id: Mapped[UUID] = mapped_column(refers_to("task.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    segment_id: Mapped[UUID] = mapped_column(refers_to("segment.id"), index=True)
