"""Running one job: attempts with back-off, and what its end means."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Event

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
            _attempt(key, lambda: job.function(own, list(ids)), job, stopping=context.stopping)
        except JobLost:
            log.info("%s is no longer ours", key)
            raise Abandoned from None
        if own.is_cancelled():
            raise Abandoned
        log.info("%s done", key)

    return run


def _attempt(key: str, act: Callable[[], None], job: Job, *, stopping: Event) -> None:
    """Do it, again where that may help.

    Raises:
        JobFailed: it did not help, or cannot.
    """
    for number in range(1, job.n_attempts + 1):
        try:
            return act()
        except JobLost:
            raise
        except Exception as error:
            failure = failure_of(error)
            log.warning("%s: attempt %d: %s\n%s", key, number, failure.reason, trace_of(error))
            if not failure.is_retryable or number == job.n_attempts:
                raise JobFailed(failure) from None
            if stopping.wait(job.first_wait_s * BACKOFF_FACTOR ** (number - 1)):
                raise JobLost from None
    raise AssertionError("a job has at least one attempt")
