"""The job that takes a recording in, and the sweep for recordings that were missed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app.ingest.queries import missed_recordings
from app.jobs.context import JobContext
from app.jobs.errands import enqueue_job
from app.jobs.queues import JobName, Queue
from app.jobs.registry import job, sweep
from models.base import now

MISSED_AFTER = timedelta(minutes=10)


@job(JobName.INGEST, Queue.INGEST, n_attempts=4)
def ingest_recording(context: JobContext, ids: list[str]) -> None:
    """Decode and cut the recording with this id."""
    from app.ingest.service import ingest

    ingest(context, UUID(ids[0]), enqueue=enqueue_job)


@sweep("recordings that nobody has taken in")
def sweep_received(context: JobContext) -> None:
    """Enqueue anew, once a version, what came in long ago and is still as it came."""
    with context.transaction() as session:
        for recording in missed_recordings(session, before=now() - MISSED_AFTER):
            enqueue_job(
                session, JobName.INGEST, [str(recording.id)], key=f"ingest:{recording.id}:{recording.version}",
                queue=Queue.INGEST, priority=recording.priority,
            )  # fmt: skip
