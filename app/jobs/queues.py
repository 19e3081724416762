"""The queues that workers serve, the kinds of job that wait in them, and how far a job can have come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Queue(StrEnum):
    """Jobs that need the same kind of machine."""

    INGEST = "ingest"
    """Probe, decode and cut recordings: processor."""
    DRAFT = "draft"
    """Run a model: graphics card or processor."""
    TASK = "task"
    """Bundle segments into tasks: database."""
    CLIP = "clip"
    """Encode clips for the browser: processor."""
    EXPORT = "export"
    REPORT = "report"
    TRAIN = "train"


class JobName(StrEnum):
    """The kinds of job."""

    INGEST = "ingest"
    """One recording id."""
    DRAFT = "draft"
    """A model's name and what tells its batches apart."""
    TASKS = "tasks"
    """A project id and a dialect."""
    CLIPS = "clips"
    """A recording id, and segments of it that are wanted first."""
    CLIPS_AHEAD = "clips_ahead"
    """Ids of recordings whose clips nobody has asked for yet."""


class JobState(StrEnum):
    """How far a job has come."""

    WAITING = "waiting"
    DELAYED = "delayed"
    RUNNING = "running"
    DONE = "done"
    FAILING = "failing"
    """It failed for a reason that may pass, and will be tried again by itself."""
    DEAD = "dead"
    """It failed for good: a person has to look."""
    CANCELLED = "cancelled"


FIRST_PRIORITY, USUAL_PRIORITY, LAST_PRIORITY = 1, 100, 10_000
"""Lower is sooner; 1 is the soonest there is."""


@dataclass(frozen=True, slots=True)
class QueueRule:
    """How one worker serves a queue: jobs at once, and the time between two looks into it.

    A look takes as many jobs as are missing, so that a queue gives at most `n_at_once / poll_s` jobs a second.
    """

    n_at_once: int
    poll_s: float


RULES = {
    Queue.INGEST: QueueRule(n_at_once=8, poll_s=0.1),
    Queue.DRAFT: QueueRule(n_at_once=1, poll_s=0.2),
    Queue.TASK: QueueRule(n_at_once=2, poll_s=0.2),
    Queue.CLIP: QueueRule(n_at_once=2, poll_s=0.2),
    Queue.EXPORT: QueueRule(n_at_once=1, poll_s=1.0),
    Queue.REPORT: QueueRule(n_at_once=1, poll_s=1.0),
    Queue.TRAIN: QueueRule(n_at_once=1, poll_s=1.0),
}
