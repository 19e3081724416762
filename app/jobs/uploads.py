"""The job that fetches registered objects, and the sweep over uploads that nobody goes on with."""

from __future__ import annotations

from uuid import UUID

from app.jobs.context import JobContext
from app.jobs.queues import Queue
from app.jobs.registry import job, sweep
from app.uploads.reception import Reception
from app.uploads.registration import FETCH, fetch
from app.uploads.sweeping import sweep_uploads


@job(FETCH, Queue.INGEST)
def fetch_object(context: JobContext, ids: list[str]) -> None:
    """Fetch the object of one upload."""
    fetch(_reception(context), UUID(ids[0]))


@sweep("finish, expire and clear uploads")
def sweep_open_uploads(context: JobContext) -> None:
    """See to uploads that nobody goes on with."""
    sweep_uploads(_reception(context))


def _reception(context: JobContext) -> Reception:
    return Reception(context.sessions, context.store, context.settings)
