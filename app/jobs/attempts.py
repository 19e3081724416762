"""Running one job: attempts with back-off, and what its end means."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial

from app.jobs.context import Hold, JobContext, JobLost
from app.jobs.engine import Abandoned, JobFailed, Run, is_owned
from app.jobs.failures import failure_of, trace_of
from app.jobs.registry import Job

BACKOFF_FACTOR = 4
log = logging.getLogger("boli.jobs")


def runner(job: Job, context: JobContext) -> Run:
    """What the engine calls for jobs of this kind."""

    def run(key: str, token: str, ids: list[str]) -> None:
        hold = Hold(partial(is_owned, key=key, token=token))
        own = replace(context, hold=hold)
        log.info("%s begins", key)
        try:
            _try(key, job, own, ids)
        except JobLost:
            log.info("%s is no longer ours", key)
            raise Abandoned from None
        if hold.was_told:
            log.info("%s stopped", key)
            raise Abandoned
        log.info("%s done", key)

    return run


def _try(key: str, job: Job, context: JobContext, ids: list[str]) -> None:
    """Do it, again where that may help.

    Raises:
        JobFailed: it did not help, or cannot.
        JobLost: there is no point in going on here.
    """
    for number in range(1, job.n_attempts + 1):
        try:
            return job.function(context, list(ids))
        except JobLost:
            raise
        except Exception as error:
            if context.hold is not None and context.hold.was_told:
                raise JobLost from None
            failure = failure_of(error)
            log.warning("%s: attempt %d: %s\n%s", key, number, failure.reason, trace_of(error))
            if not failure.is_retryable or number == job.n_attempts:
                raise JobFailed(failure) from None
            if context.stopping.wait(job.first_wait_s * BACKOFF_FACTOR ** (number - 1)):
                raise JobLost from None
    raise AssertionError("a job has at least one attempt")
