"""Progress as it is shown."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.api.texts import Row
from models.recording import RecordingState
from models.task import TaskState


class RecordingsProgress(Row):
    """Recordings by state. Milliseconds are of those that are decoded."""

    n: int
    audio_ms: int
    by_state: dict[RecordingState, int]


class SegmentsProgress(Row):
    """The segments that stand: with a text, tried in vain, and not tried yet (or not to be drafted)."""

    n: int
    audio_ms: int
    n_drafted: int
    n_without_text: int
    n_untried: int


class TasksProgress(Row):
    """Tasks by state, but for cancelled ones."""

    n: int
    audio_ms: int
    by_state: dict[TaskState, int]


class ProjectProgress(Row):
    """How far a project has come."""

    project_id: UUID
    recordings: RecordingsProgress
    segments: SegmentsProgress
    tasks: TasksProgress
    n_drafts: Annotated[int, Field(description="Drafts of all models, on segments that stand or stood.")]
    share_ready: Annotated[
        float | None, Field(description="Recordings through with the machine, in [0, 1]; null: there are none.")
    ]
    share_done: Annotated[
        float | None, Field(description="Audio of the segments in finished tasks, in [0, 1]; null: there is none.")
    ]
    machine_s_left: Annotated[
        int | None,
        Field(description="Seconds until every recording is ready, at the pace of late; null: it cannot be told."),
    ]
