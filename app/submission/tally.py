"""How far a submission is: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from app.transcription.progress import SECONDS_BETWEEN_LINES, clock_time

_MEGABYTE = 1_000_000


class Tally:
    """Counts what is done; fed from several threads."""

    def __init__(self, n_files: int, *, size_bytes: int) -> None:
        self.outcomes: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._n_files, self._size_bytes = n_files, size_bytes
        self._settled_bytes = self._under_way_bytes = self._sent_bytes = 0

    def count(self, *, under_way_bytes: int, sent_bytes: int) -> None:
        """Add to the bytes that lie with the service of files under way, and to those that went out in this run."""
        with self._lock:
            self._under_way_bytes += under_way_bytes
            self._sent_bytes += sent_bytes

    def settle(self, outcome: str, *, size_bytes: int) -> None:
        """A file is done or given up."""
        with self._lock:
            self.outcomes[outcome] += 1
            self._settled_bytes += size_bytes

    @property
    def share(self) -> float:
        """Of all bytes, in [0, 1]."""
        return min(1.0, (self._settled_bytes + self._under_way_bytes) / self._size_bytes) if self._size_bytes else 1.0

    def __str__(self) -> str:
        seconds = max(time.monotonic() - self._began, 1e-3)
        speed = self._sent_bytes / _MEGABYTE / seconds
        left = f", {clock_time(seconds * (1 - self.share) / self.share)} left" if 0 < self.share < 1 else ""
        n_settled = sum(self.outcomes.values())
        return f"{n_settled:,} of {self._n_files:,} recordings, {self.share:.0%}, {speed:.1f} MB/s{left}"


@contextmanager
def shown(tally: Tally, console: Console) -> Iterator[Callable[[], None]]:
    """Show the tally while the block runs; the block calls what it is given now and then."""
    if not console.is_terminal:
        yield _lines(tally, console)
        return
    with Progress(
        BarColumn(bar_width=30), TextColumn("{task.description}", markup=False), console=console, transient=True
    ) as progress:
        task = progress.add_task(str(tally), total=1.0)
        yield lambda: progress.update(task, completed=tally.share, description=str(tally))


def _lines(tally: Tally, console: Console) -> Callable[[], None]:
    last = time.monotonic()

    def refresh() -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            console.print(str(tally), markup=False, highlight=False, soft_wrap=True)

    return refresh
