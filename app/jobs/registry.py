"""What a worker can do: the functions behind the names of jobs, and the sweeps that look for what was missed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.jobs.context import JobContext
from app.jobs.queues import Queue

JobFunction = Callable[[JobContext, list[str]], None]
SweepFunction = Callable[[JobContext], None]


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of job. It is tried `n_attempts` times in a row; the first wait between two is `first_wait_s`."""

    name: str
    queue: Queue
    function: JobFunction
    n_attempts: int
    first_wait_s: float


JOBS: dict[str, Job] = {}
SWEEPS: dict[str, SweepFunction] = {}


def job(
    name: str, queue: Queue, *, n_attempts: int = 3, first_wait_s: float = 1.0
) -> Callable[[JobFunction], JobFunction]:
    """Register a function as what is done for jobs of this name.

    It must be repeatable: a worker may die after the last commit and before the job counts as done.
    """

    def register(function: JobFunction) -> JobFunction:
        JOBS[name] = Job(name, queue, function, n_attempts, first_wait_s)
        return function

    return register


def sweep(name: str) -> Callable[[SweepFunction], SweepFunction]:
    """Register a function that runs every minute in one worker, and enqueues what was missed."""

    def register(function: SweepFunction) -> SweepFunction:
        SWEEPS[name] = function
        return function

    return register
