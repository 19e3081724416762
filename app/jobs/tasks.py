"""The job that makes tasks, and the sweep for segments that lie in none."""

from __future__ import annotations

from uuid import UUID

from app.jobs.context import JobContext
from app.jobs.errands import enqueue_job, insist_on_missed, tasking
from app.jobs.queues import JobName, Queue
from app.jobs.registry import job, sweep
from app.tasking.queries import missed_kinds
from app.tasking.service import PATIENCE, make_tasks
from models.base import now


@job(JobName.TASKS, Queue.TASK, n_attempts=5)
def bundle_segments(context: JobContext, ids: list[str]) -> None:
    """Make tasks of what waits in this project and dialect (empty: not known)."""
    make_tasks(context, UUID(ids[0]), ids[1] or None)


@sweep("segments that lie in no task")
def sweep_drafted(context: JobContext) -> None:
    """Ask anew where drafted recordings have waited long, be it for more of their kind or because a job died."""
    with context.transaction() as session:
        missed = [
            tasking(project_id, dialect) for project_id, dialect in missed_kinds(session, before=now() - PATIENCE)
        ]
        insist_on_missed(session, JobName.TASKS, missed, enqueue=enqueue_job)
