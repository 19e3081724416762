"""Sweeps over the jobs themselves: those that may succeed now are tried again, those long finished are forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from app.jobs.context import JobContext
from app.jobs.engine import client_of
from app.jobs.inspection import JobRecord, Jobs
from app.jobs.queues import JobState
from app.jobs.registry import sweep
from models.base import now

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
KEEP_DONE = timedelta(days=7)
KEEP_OTHERS = timedelta(days=90)
"""Dead and cancelled ones: as long as their keys are known, they are not enqueued again by a sweep."""
MOST_AT_ONCE = 1000
_DONE, _OTHERS = ["SUCCESS"], ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


@sweep("try failing jobs again")
def try_failing_again(context: JobContext) -> None:
    """Put jobs that failed for a passing reason back, each after half its age: ever more seldom, at least hourly."""
    jobs = Jobs(_engine(context))
    for job in jobs.list([JobState.FAILING], limit=MOST_AT_ONCE):
        if is_due(job, now()):
            jobs.retry(job.key)


@sweep("forget finished jobs")
def forget_finished(context: JobContext) -> None:
    """Delete the rows of jobs that ended long ago."""
    for statuses, kept in ((_DONE, KEEP_DONE), (_OTHERS, KEEP_OTHERS)):
        forget_ended(_engine(context), statuses, before=now() - kept)


def is_due(job: JobRecord, moment: datetime) -> bool:
    """Whether a failing job has waited long enough."""
    if job.finished_at is None:
        return False
    age = job.finished_at - job.created_at
    return moment - job.finished_at >= min(max(age / 2, FIRST_WAIT), LONGEST_WAIT)


def forget_ended(engine: Engine, statuses: list[str], *, before: datetime) -> None:
    """Delete the rows of jobs that ended before a moment, in pieces that hold no lock for long."""
    client = client_of(engine)
    while True:
        ended = client.list_workflows(
            status=statuses, completed_before=before.isoformat(), limit=MOST_AT_ONCE,
            load_input=False, load_output=False,
        )  # fmt: skip
        client.delete_workflows([each.workflow_id for each in ended])
        if len(ended) < MOST_AT_ONCE:
            return


def _engine(context: JobContext) -> Engine:
    bind = context.sessions.kw["bind"]
    assert isinstance(bind, Engine)
    return bind
