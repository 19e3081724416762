"""One submission: files are hashed, claimed and sent by a few threads; what was sent before is not sent again."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.errors import AppError
from app.submission.client import Answer, ClaimedFile, Project, Service, ServiceAway, UploadLost
from app.submission.hashes import Hashes
from app.submission.selection import Item
from app.submission.sending import Patience, Sending, Stopped
from app.submission.tally import Tally

BATCH = 8
"""Files that are claimed in one request."""
_LOOK_S = 0.1
_FAREWELL_S = 5.0

Claims = list[tuple[Item, ClaimedFile]]


class Outcome(StrEnum):
    """What became of a file."""

    SENT = "sent"
    KNOWN = "known"
    LINKED = "linked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that did not get through, and why."""

    name: str
    reason: str


@dataclass(slots=True)
class Submission:
    """Everything that one run needs; `execute` it once."""

    service: Service
    project: Project
    items: Sequence[Item]
    hashes: Hashes
    tally: Tally
    n_threads: int
    failures: list[Failure] = field(default_factory=list)
    _batches: queue.SimpleQueue[list[Item]] = field(default_factory=queue.SimpleQueue)
    _stop: threading.Event = field(default_factory=threading.Event)
    _accidents: list[BaseException] = field(default_factory=list)

    def execute(self, refresh: Callable[[], None]) -> None:
        """Send every file that is not there; refresh: called now and then.

        A KeyboardInterrupt goes through once the threads have let go; what was sent is kept.
        """
        for start in range(0, len(self.items), BATCH):
            self._batches.put(list(self.items[start : start + BATCH]))
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self.n_threads)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(_LOOK_S)
                    refresh()
        finally:
            self._stop.set()
            for thread in threads:
                if thread.is_alive():
                    thread.join(_FAREWELL_S)
        for accident in self._accidents:
            raise accident

    def _work(self) -> None:
        try:
            while not self._stop.is_set():
                self._submit(self._batches.get_nowait())
        except (queue.Empty, Stopped):
            return
        except BaseException as accident:
            self._accidents.append(accident)
            self._stop.set()

    def _submit(self, batch: list[Item]) -> None:
        """Deal with some files; those that the service may take later are tried again as long as patience lasts."""
        claims = [(item, claim) for item in batch if (claim := self._claim(item)) is not None]
        patience = Patience(self._stop)
        while claims:
            put_off = self._round(claims)
            if len(put_off) < len(claims):
                patience.renew()
            if put_off and not patience.wait():
                for item, _, error in put_off:
                    self._fail(item, error)
                return
            claims = [(item, claim) for item, claim, _ in put_off]

    def _round(self, claims: Claims) -> list[tuple[Item, ClaimedFile, AppError]]:
        """Claim files and send those that are wanted; returns those that are to be tried again, and why."""
        put_off: list[tuple[Item, ClaimedFile, AppError]] = []
        for (item, claim), answer in zip(claims, self._answers(claims), strict=True):
            try:
                self._carry_out(item, answer)
            except (ServiceAway, UploadLost) as error:
                put_off.append((item, claim, error))
            except (AppError, OSError) as error:
                self._fail(item, error)
        return put_off

    def _answers(self, claims: Claims) -> Sequence[Answer | AppError]:
        try:
            return self.service.claim(self.project, [claim for _, claim in claims])
        except AppError as error:
            return [error] * len(claims)

    def _carry_out(self, item: Item, answer: Answer | AppError) -> None:
        if isinstance(answer, AppError):
            raise answer
        outcome = Outcome.SENT
        if answer.url is None:
            outcome = Outcome(answer.outcome)
        else:
            sending = Sending(self.service, item, answer.url, answer.offset_bytes, self.tally, self._stop)
            if sending.run().is_duplicate:
                outcome = Outcome.LINKED
        self.tally.settle(outcome, size_bytes=item.size_bytes)

    def _claim(self, item: Item) -> ClaimedFile | None:
        """What the service is told of a file; None where it cannot be read."""
        try:
            sha256 = self.hashes.of(item.path, self._pause)
        except OSError as error:
            self._fail(item, error)
            return None
        return ClaimedFile(item.name, item.size_bytes, sha256, item.facts)

    def _pause(self) -> None:
        if self._stop.is_set():
            raise Stopped

    def _fail(self, item: Item, error: Exception) -> None:
        self.failures.append(Failure(item.name, str(error)))
        self.tally.settle(Outcome.FAILED, size_bytes=item.size_bytes)
