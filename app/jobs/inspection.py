"""Looking at jobs, and the two things that an operator may do to one: cancel it, or have it tried again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.jobs.engine import N_LIVES, client_of, n_by_status
from app.jobs.queues import JobState, Queue
from models.base import now

if TYPE_CHECKING:
    from dbos import WorkflowStatus

GIVE_UP_AFTER = timedelta(days=3)
"""So long after it was enqueued, a job that fails for a passing reason is tried again by itself."""


class JobUnknown(NotFound):
    """No job has this key."""


class JobNotDead(Conflict):
    """A job that waits, runs or is done cannot be tried again."""


class JobOver(Conflict):
    """A job that is done cannot be cancelled."""


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as the engine knows it. n_starts: how often a worker took it up. reason: of its failure."""

    key: str
    name: str
    queue: Queue
    ids: tuple[str, ...]
    state: JobState
    reason: str | None
    priority: int
    n_starts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


N_FAILED_JUDGED = 1_000
_OPEN = (JobState.WAITING, JobState.DELAYED, JobState.RUNNING, JobState.FAILING, JobState.DEAD)
_STATUSES = {
    JobState.WAITING: ("ENQUEUED",),
    JobState.DELAYED: ("DELAYED",),
    JobState.RUNNING: ("PENDING",),
    JobState.DONE: ("SUCCESS",),
    JobState.FAILING: ("ERROR",),
    JobState.DEAD: ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"),
    JobState.CANCELLED: ("CANCELLED",),
}
_STATES = {"ENQUEUED": JobState.WAITING, "DELAYED": JobState.DELAYED, "PENDING": JobState.RUNNING,
           "SUCCESS": JobState.DONE, "CANCELLED": JobState.CANCELLED}  # fmt: skip


class Jobs:
    """The jobs of a database."""

    def __init__(self, engine: Engine) -> None:
        self._client = client_of(engine)

    def list(self, states: Collection[JobState] = (), *, limit: int = 100, offset: int = 0) -> Sequence[JobRecord]:
        """Jobs in any of these states (in every one, where none is named), the newest first."""
        statuses = sorted({status for state in states for status in _STATUSES[state]})
        found = self._client.list_workflows(status=statuses or None, limit=limit, offset=offset, sort_desc=True)
        records = [_record(status) for status in found]
        return [record for record in records if not states or record.state in states]

    def dead(self, *, limit: int = 1000) -> Sequence[JobRecord]:
        """Jobs that failed for good, the newest first."""
        return self.list([JobState.DEAD], limit=limit)

    def n_open(self, session: Session, *, at_most: int) -> dict[JobState, int]:
        """How many jobs are not over, by state; of each at most so many.

        Failing ones are told from dead ones among the newest that failed: others are too old to be tried again.
        """
        n = n_by_status(session, {status for state in _OPEN for status in _STATUSES[state]}, at_most=at_most)
        counts = {state: n[_STATUSES[state][0]] for state in (JobState.WAITING, JobState.DELAYED, JobState.RUNNING)}
        n_failed = min(sum(n[status] for status in _STATUSES[JobState.DEAD]), at_most)
        n_failing = len(self.list([JobState.FAILING], limit=N_FAILED_JUDGED)) if n["ERROR"] else 0
        return counts | {JobState.FAILING: n_failing, JobState.DEAD: n_failed - n_failing}

    def find(self, key: str) -> JobRecord:
        """The job with this key.

        Raises:
            JobUnknown: there is none; finished ones are forgotten after a while.
        """
        found = self._client.list_workflows(workflow_ids=[key])
        if not found:
            raise JobUnknown(f"there is no job {key!r}; `boli jobs list` shows those there are")
        return _record(found[0])

    def retry(self, key: str) -> None:
        """Put a job that failed or was cancelled back into its queue, with all its attempts before it.

        Raises:
            JobUnknown: there is none.
            JobNotDead: it waits, runs or is done.
        """
        job = self.find(key)
        if job.state not in (JobState.DEAD, JobState.FAILING, JobState.CANCELLED):
            raise JobNotDead(f"job {key!r} is {job.state.value}; only one that failed or was cancelled is tried again")
        self._client.rewind_workflow(key, queue_name=job.queue.value)

    def cancel(self, key: str) -> None:
        """Take a job from its queue; one that runs is told to stop, and can write nothing more.

        Raises:
            JobUnknown: there is none.
            JobOver: it is done already.
        """
        job = self.find(key)
        if job.state is JobState.DONE:
            raise JobOver(f"job {key!r} is done already; what it made stays")
        if job.reason is not None:  # the engine cancels nothing that ended in an error: begin it anew, then cancel
            self.retry(key)
        self._client.cancel_workflow(key)


def _record(status: WorkflowStatus) -> JobRecord:
    created_at = _moment(status.created_at) or now()
    state, reason = _judged(status, created_at)
    arguments = status.input["args"] if status.input else ()
    return JobRecord(
        key=status.workflow_id, name=status.name, queue=Queue((status.attributes or {})["queue"]),
        ids=tuple(arguments[0]) if arguments else (), state=state, reason=reason, priority=status.priority or 0,
        n_starts=status.recovery_attempts or 0, created_at=created_at, started_at=_moment(status.dequeued_at),
        finished_at=_moment(status.completed_at),
    )  # fmt: skip


def _judged(status: WorkflowStatus, created_at: datetime) -> tuple[JobState, str | None]:
    if status.status in _STATES:
        return _STATES[status.status], None
    if status.error is None:
        return JobState.DEAD, f"{N_LIVES} workers ended while they ran it"
    told = getattr(status.error, "data", None) or {}
    may_pass = bool(told.get("is_retryable")) and now() - created_at < GIVE_UP_AFTER
    return JobState.FAILING if may_pass else JobState.DEAD, str(status.error)


def _moment(epoch_ms: int | None) -> datetime | None:
    return None if epoch_ms is None else datetime.fromtimestamp(epoch_ms / 1000, UTC)
