"""One file to the service, over as many broken links as patience lasts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from app.submission.client import Service, ServiceAway, Standing
from app.submission.selection import Item
from app.submission.tally import Tally

PIECE_BYTES = 64 * 1024
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
N_WAITS = 10
"""Of doubling length, about three minutes: without any progress in them, a file is given up until the next run."""


class Stopped(Exception):
    """The run is to end now."""


@dataclass(slots=True)
class Patience:
    """Waits that grow, until there is progress. stop: ends a wait at once."""

    stop: threading.Event
    n_waits: int = 0

    def renew(self) -> None:
        """There was progress."""
        self.n_waits = 0

    def wait(self) -> bool:
        """Wait a little longer than the last time; False where it is enough.

        Raises:
            Stopped: the run is to end.
        """
        if self.n_waits >= N_WAITS:
            return False
        if self.stop.wait(min(FIRST_WAIT_S * 2**self.n_waits, LONGEST_WAIT_S)):
            raise Stopped
        self.n_waits += 1
        return True


@dataclass(slots=True)
class Sending:
    """A file on its way. offset_bytes: how much of it the service has, as far as is known."""

    service: Service
    item: Item
    url: str
    offset_bytes: int
    tally: Tally
    stop: threading.Event
    _shown_bytes: int = 0

    def run(self) -> Standing:
        """Send what is missing until the file is a recording.

        Raises:
            ServiceAway: no progress for too long.
            UploadLost, ServiceRefused: the service has given it up, or the file was changed on its way.
            OSError: the file cannot be read.
            Stopped: the run is to end.
        """
        patience = Patience(self.stop)
        self._show(self.offset_bytes)
        try:
            while True:
                before = self.offset_bytes
                standing = self._attempt(patience)
                if standing.recording_id is not None:
                    return standing
                self.offset_bytes = standing.offset_bytes
                self._show(self.offset_bytes)
                if self.offset_bytes > before:
                    patience.renew()
        finally:
            self._show(0)

    def _attempt(self, patience: Patience) -> Standing:
        """Send once; where the link breaks, wait and ask how far it came."""
        n_bytes = self.item.size_bytes - self.offset_bytes
        try:
            return self.service.send(self.url, self.offset_bytes, self._pieces(), n_bytes=n_bytes)
        except ServiceAway:
            if not patience.wait():
                raise
        try:
            return self.service.standing(self.url)
        except ServiceAway:
            return Standing(self.offset_bytes, None, is_duplicate=False)

    def _pieces(self) -> Iterator[bytes]:
        left = self.item.size_bytes - self.offset_bytes
        with self.item.path.open("rb") as file:
            file.seek(self.offset_bytes)
            while left > 0:
                if self.stop.is_set():
                    raise Stopped
                piece = file.read(min(PIECE_BYTES, left))
                if not piece:
                    raise OSError(f"{self.item.name} became shorter while it was sent")
                left -= len(piece)
                yield piece
                self.tally.count(under_way_bytes=len(piece), sent_bytes=len(piece))
                self._shown_bytes += len(piece)

    def _show(self, n_bytes: int) -> None:
        self.tally.count(under_way_bytes=n_bytes - self._shown_bytes, sent_bytes=0)
        self._shown_bytes = n_bytes
