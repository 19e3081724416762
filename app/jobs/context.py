"""What a job is given, and how it learns that it is no longer its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from time import monotonic

from sqlalchemy.orm import Session, sessionmaker

from app.db import reading, transaction
from app.settings import Settings
from app.storage import Store

LOOK_EVERY_S = 1.0


class JobLost(Exception):
    """The job was cancelled, or another worker has it: nothing more of it may be written here."""


@dataclass(slots=True)
class Hold:
    """A worker's hold on the job that it runs. is_ours: asked within a transaction, its answer holds until the end.

    was_told: whether the job was told to stop, so that its return does not mean that it is done.
    """

    is_ours: Callable[[Session], bool]
    is_lost: bool = False
    was_told: bool = False
    looked_at: float = field(default_factory=monotonic)


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job or a sweep works with. hold: None where nobody can take the work away, as in a test or a sweep."""

    settings: Settings
    sessions: sessionmaker[Session]
    store: Store
    stopping: Event = field(default_factory=Event)
    hold: Hold | None = None

    def is_cancelled(self) -> bool:
        """Whether to stop here: the job was cancelled or taken over, or the worker is stopping.

        Looks into the database once a second at most. A job that stops leaves by `raise JobLost` or simply returns;
        where only the worker was stopping, the job goes back to its queue.
        """
        if self.hold is None:
            return self.stopping.is_set()
        if not self.hold.is_lost and monotonic() - self.hold.looked_at >= LOOK_EVERY_S:
            self._look(self.hold)
        if self.hold.is_lost or self.stopping.is_set():
            self.hold.was_told = True
        return self.hold.was_told

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose commit happens only while the job is still ours: a worker that slept cannot write.

        Raises:
            JobLost: the job was cancelled, or another worker has it.
        """
        with transaction(self.sessions) as session:
            if self.hold is not None and not self.hold.is_ours(session):
                self.hold.is_lost = True
                raise JobLost
            yield session

    def _look(self, hold: Hold) -> None:
        with reading(self.sessions) as session:
            hold.is_lost = not hold.is_ours(session)
        hold.looked_at = monotonic()
