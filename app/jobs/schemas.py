"""Jobs as they are shown, and what may be asked of one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from app.api.texts import Body, Row
from app.jobs.queues import JobState, Queue

MOST_JOBS = 1_000


class JobsQuery(Body):
    """Which jobs, the newest first."""

    state: Annotated[list[JobState], Field(default_factory=list, description="Any of these; none: all.")]
    limit: Annotated[int, Field(ge=1, le=MOST_JOBS)] = 100


class JobRead(Row):
    """A job. n_starts: how often a worker took it up. reason: why it failed."""

    key: str
    name: str
    queue: Queue
    ids: list[str]
    state: JobState
    reason: str | None
    priority: int
    n_starts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobList(Row):
    """Jobs, the newest first."""

    items: list[JobRead]


class JobWish(Body):
    """The state that a job shall have."""

    model_config = ConfigDict(json_schema_extra={"example": {"state": "waiting"}})

    state: Annotated[
        Literal["waiting", "cancelled"],
        Field(description="`waiting`: one that failed or was cancelled is tried again. `cancelled`: it is given up."),
    ]
