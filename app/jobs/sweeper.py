"""What one worker does every minute for all: look for what was missed, try again what failed, forget what is over."""

from __future__ import annotations

import logging

from app.db import transaction
from app.jobs.context import JobContext
from app.jobs.failures import failure_of, trace_of
from app.jobs.heartbeats import live_workers
from app.jobs.registry import SWEEPS

log = logging.getLogger("boli.jobs")


def sweep_if_first(context: JobContext, executor_id: str, *, dead_after_s: float) -> None:
    """Run every sweep in the live worker whose id sorts first; the next one takes over when that one dies.

    Two may sweep at once for a moment: every sweep is harmless when it runs twice.
    """
    with transaction(context.sessions) as session:
        live = live_workers(session, dead_after_s=dead_after_s)
    if live[:1] == [executor_id]:
        sweep(context)


def sweep(context: JobContext) -> None:
    """Run every sweep; one that fails does not keep the others from running."""
    for name, function in list(SWEEPS.items()):
        if context.stopping.is_set():
            return
        try:
            function(context)
        except Exception as error:
            log.error("sweep %s: %s\n%s", name, failure_of(error).reason, trace_of(error))
