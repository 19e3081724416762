"""What the status page shows, in a handful of statements however many projects there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.jobs.inspection import Jobs
from app.jobs.queues import JobState
from models.base import now
from models.organisation import Organisation
from models.project import Project
from models.recording import Recording, RecordingState
from models.task import Task, TaskState
from models.worker import WorkerHeartbeat

MOST_PROJECTS = 100
MOST_JOBS = 100_000
"""In one state; counting more is not worth the time."""
_SILENT_S = 60


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project on the page."""

    id: UUID
    name: str
    organisation: str
    recordings: Mapping[str, int]
    """By state."""
    audio_ms: int
    tasks: Mapping[str, int]
    """By state."""


def project_lines(session: Session) -> list[ProjectLine]:
    """The newest projects with what lies in them."""
    rows = session.execute(
        select(Project.id, Project.name, Organisation.name)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .order_by(Project.created_at.desc(), Project.id.desc())
        .limit(MOST_PROJECTS)
    ).all()
    ids = [row[0] for row in rows]
    recordings, audio_ms = _recordings(session, ids)
    tasks = _tasks(session, ids)
    return [
        ProjectLine(key, name, owner, recordings.get(key, {}), audio_ms[key], tasks.get(key, {}))
        for key, name, owner in rows
    ]


def jobs_by_state(session: Session, jobs: Jobs) -> Mapping[JobState, int]:
    """How many jobs are not over, of each state at most `MOST_JOBS`; states without any are left out."""
    return {state: n for state, n in jobs.n_open(session, at_most=MOST_JOBS).items() if n}


def n_workers(session: Session) -> int:
    """Workers that said of late that they live."""
    moments = session.scalars(select(WorkerHeartbeat.seen_at)).all()
    return sum((now() - moment).total_seconds() < _SILENT_S for moment in moments)


def free_bytes(folder: Path) -> int:
    """Disk space that is left where the data folder lies."""
    return disk_usage(folder if folder.exists() else folder.anchor).free


def _recordings(session: Session, ids: list[UUID]) -> tuple[dict[UUID, dict[str, int]], Counter[UUID]]:
    counts: dict[UUID, dict[str, int]] = {}
    audio_ms: Counter[UUID] = Counter()
    query = (
        select(Recording.project_id, Recording.state, func.count(), func.coalesce(func.sum(Recording.duration_ms), 0))
        .where(Recording.project_id.in_(ids), Recording.state != RecordingState.DUPLICATE)
        .group_by(Recording.project_id, Recording.state)
    )
    for project_id, state, n, milliseconds in session.execute(query):
        counts.setdefault(project_id, {})[state.value] = n
        audio_ms[project_id] += int(milliseconds or 0)
    return counts, audio_ms


def _tasks(session: Session, ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    counts: dict[UUID, dict[str, int]] = {}
    query = (
        select(Task.project_id, Task.state, func.count())
        .where(Task.project_id.in_(ids), Task.state != TaskState.CANCELLED)
        .group_by(Task.project_id, Task.state)
    )
    for project_id, state, n in session.execute(query):
        counts.setdefault(project_id, {})[state.value] = n
    return counts
