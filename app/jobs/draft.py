"""The job that drafts a batch of segments, and the sweep for models that were forgotten."""

from __future__ import annotations

from datetime import timedelta

from app.drafting.queries import missed_models
from app.jobs.context import JobContext
from app.jobs.errands import drafting, enqueue_job, insist_on_missed
from app.jobs.queues import JobName, Queue
from app.jobs.registry import job, sweep
from models.base import now

MISSED_AFTER = timedelta(minutes=10)


@job(JobName.DRAFT, Queue.DRAFT, n_attempts=4, first_wait_s=5.0)
def draft_batch(context: JobContext, ids: list[str]) -> None:
    """Draft what waits for this model, as the batch that the last id tells apart."""
    from app.drafting.recognisers import kept_recogniser
    from app.drafting.service import draft

    model, batch = ids
    recogniser = kept_recogniser(model, context.settings)
    draft(context, model, batch, recogniser=recogniser, enqueue=enqueue_job)


@sweep("segments that nobody drafts")
def sweep_segmented(context: JobContext) -> None:
    """Ask anew for models whose recordings have not moved for long, and where a job that was asked for never began."""
    with context.transaction() as session:
        missed = [drafting(model) for model in missed_models(session, before=now() - MISSED_AFTER)]
        insist_on_missed(session, JobName.DRAFT, missed, enqueue=enqueue_job)
