"""Jobs of workers that died go back into their queues: the engine itself does not notice that one is gone.

A worker that was only asleep does no harm when it wakes: its hold on the job is gone, and what it writes is refused.
"""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session, sessionmaker

from app.db import transaction
from app.jobs import engine
from app.jobs.heartbeats import forget_dead, live_workers

log = logging.getLogger("boli.jobs")


class Reaper:
    """Looks for jobs that nobody runs, from within one worker."""

    def __init__(self, sessions: sessionmaker[Session], executor_id: str, *, dead_after_s: float) -> None:
        self._sessions = sessions
        self._executor_id = executor_id
        self._dead_after_s = dead_after_s
        self._missing: set[str] = set()

    def reap(self) -> None:
        """Recover the jobs of workers that were not heard of, and of those that nobody ever heard of."""
        running = engine.running_executors()  # read first: a worker says that it lives before it takes a job
        with transaction(self._sessions) as session:
            alive = live_workers(session, dead_after_s=self._dead_after_s)
        for executor_id in running.keys() - set(alive) - {self._executor_id}:
            log.warning("worker %s is gone: %d jobs go back", executor_id, len(running[executor_id]))
            engine.recover(executor_id)
        still_running = engine.running_executors().keys()  # recovering tells of no error: see what it left
        with transaction(self._sessions) as session:
            forget_dead(session, dead_after_s=self._dead_after_s, but=still_running)
        self._give_back_unknown()
        self._recover_own(running.get(self._executor_id, []))

    def _give_back_unknown(self) -> None:
        """Leave jobs of kinds that a newer deploy brought to the workers that know them."""
        with transaction(self._sessions) as session:
            keys = engine.give_back_unknown(session, self._executor_id)
        for key in keys:
            log.warning("%s is of a kind that this worker does not know: it goes back", key)

    def _recover_own(self, claimed: list[str]) -> None:
        """Put back what this worker claimed and does not run, as after a failure between the two.

        Missing twice in a row counts: between claim and start, a job is neither here nor there.
        """
        missing = set(claimed) - engine.active_jobs()
        for key in missing & self._missing:
            log.warning("%s was claimed and never begun: it goes back", key)
            engine.recover_job(key, self._executor_id)
        self._missing = missing
