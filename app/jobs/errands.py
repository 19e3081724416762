"""Work that many ask for and one job does: however many recordings come in, one job of drafting waits for them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import models.errand
from app.db import insert_missing
from app.jobs.queues import USUAL_PRIORITY, JobName, Queue
from models.base import now

INSIST_EVERY = timedelta(minutes=5)


class Enqueue(Protocol):
    """What puts a job into its queue when the session's transaction commits: `app.jobs.engine.enqueue`."""

    def __call__(
        self, session: Session, job: str, ids: list[str], *,
        key: str, queue: Queue, priority: int = USUAL_PRIORITY, delay_s: float = 0.0,
    ) -> None:  # fmt: skip
        """A key that was enqueued before does nothing."""


def enqueue_job(
    session: Session, job: str, ids: list[str], *,
    key: str, queue: Queue, priority: int = USUAL_PRIORITY, delay_s: float = 0.0,
) -> None:  # fmt: skip
    """The engine's own; it is loaded with the first job."""
    from app.jobs.engine import enqueue

    enqueue(session, job, ids, key=key, queue=queue, priority=priority, delay_s=delay_s)


@dataclass(frozen=True, slots=True)
class Errand:
    """A kind of work on one thing. Its jobs get the ids of the thing, and as the last one what tells them apart."""

    job: JobName
    queue: Queue
    ids: tuple[str, ...]

    @property
    def name(self) -> str:
        """What its row is called."""
        return " ".join((self.job.value, *self.ids))


def drafting(model: str) -> Errand:
    """A model's drafting of whatever waits for it."""
    return Errand(JobName.DRAFT, Queue.DRAFT, (model,))


def tasking(project_id: UUID, dialect: str | None) -> Errand:
    """The bundling of a project's segments of one dialect into tasks."""
    return Errand(JobName.TASKS, Queue.TASK, (str(project_id), dialect or ""))


def ask(session: Session, errand: Errand, *, enqueue: Enqueue, priority: int = USUAL_PRIORITY) -> None:
    """See to it that a job will look for this work after the session's commit; does nothing where one waits already."""
    row = _locked(session, errand)
    if row.n_asked == row.n_begun:
        _enqueue(session, errand, row, enqueue=enqueue, priority=priority)


def insist_on_missed(
    session: Session, job: JobName, missed: Iterable[Errand], *, enqueue: Enqueue, at: datetime | None = None
) -> None:
    """Ask for jobs where work was missed, or where the job that was asked for long ago never began: it may be dead.

    Each at most once in `INSIST_EVERY`. A job too many finds nothing to do.
    """
    before = (at or now()) - INSIST_EVERY
    table = models.errand.Errand
    never_begun = select(table.name).where(
        table.name.startswith(f"{job.value} "), table.n_asked > table.n_begun, table.asked_at < before
    )
    wanted = {errand.name: errand for errand in (*missed, *map(_named, session.scalars(never_begun)))}
    for name in sorted(wanted):
        row = _locked(session, wanted[name])
        if row.asked_at < before or row.n_asked == 0:
            _enqueue(session, wanted[name], row, enqueue=enqueue, priority=USUAL_PRIORITY)


def begin(session: Session, errand: Errand) -> None:
    """Say that a job looks for work now: who asks after this commit gets another. Locks the errand until then."""
    row = _locked(session, errand)
    row.n_begun = row.n_asked


def _enqueue(
    session: Session, errand: Errand, row: models.errand.Errand, *, enqueue: Enqueue, priority: int
) -> None:  # fmt: skip
    row.n_asked += 1
    row.asked_at = now()
    key = f"{errand.name} {row.n_asked}"
    enqueue(session, errand.job, [*errand.ids, str(row.n_asked)], key=key, queue=errand.queue, priority=priority)


def _named(name: str) -> Errand:
    """The errand of a row; a model's name may hold spaces, what stands before it does not."""
    job, rest = name.split(" ", 1)
    return drafting(rest) if job == JobName.DRAFT else Errand(JobName(job), Queue.TASK, tuple(rest.split(" ", 1)))


def _locked(session: Session, errand: Errand) -> models.errand.Errand:
    insert_missing(session, models.errand.Errand, [{"name": errand.name}])
    query = select(models.errand.Errand).where(models.errand.Errand.name == errand.name)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
