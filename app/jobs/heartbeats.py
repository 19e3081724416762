"""Which workers live, by the clock of the database."""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import sqlalchemy
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.jobs.queues import Queue
from models.base import now
from models.worker import WorkerHeartbeat


def beat(session: Session, executor_id: str, queues: Iterable[Queue]) -> None:
    """Say that a worker lives."""
    seen_at = database_now(session)
    mine = update(WorkerHeartbeat).where(WorkerHeartbeat.executor_id == executor_id).values(seen_at=seen_at)
    if session.execute(mine.returning(WorkerHeartbeat.executor_id)).first() is None:
        session.execute(
            insert(WorkerHeartbeat).values(
                executor_id=executor_id, seen_at=seen_at, queues=[queue.value for queue in queues],
                host=platform.node(),
            )
        )  # fmt: skip


def live_workers(session: Session, *, dead_after_s: float) -> list[str]:
    """Workers that were heard of lately, in order of their ids."""
    since = database_now(session) - timedelta(seconds=dead_after_s)
    query = select(WorkerHeartbeat.executor_id).where(WorkerHeartbeat.seen_at >= since)
    return list(session.scalars(query.order_by(WorkerHeartbeat.executor_id)))


def forget_dead(session: Session, *, dead_after_s: float, but: Collection[str]) -> None:
    """Drop the rows of workers that were not heard of, except those."""
    before = database_now(session) - timedelta(seconds=dead_after_s)
    session.execute(
        delete(WorkerHeartbeat).where(
            WorkerHeartbeat.seen_at < before, WorkerHeartbeat.executor_id.not_in(list(but))
        )
    )  # fmt: skip


def forget(session: Session, executor_id: str) -> None:
    """Drop the row of a worker that ends."""
    session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.executor_id == executor_id))


def database_now(session: Session) -> datetime:
    """The database's clock; SQLite has none but the machine's, which all of its workers share."""
    if session.get_bind().dialect.name == "sqlite":
        return now()
    found = session.scalar(select(sqlalchemy.func.now()))
    assert isinstance(found, datetime)
    return found
