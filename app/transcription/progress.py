"""How far a run is, shown while it lasts: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

SECONDS_BETWEEN_LINES = 10.0


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the tally."""

    n_recordings: int
    n_settled: int
    audio_ms: int
    """Sound dealt with in this run."""
    share: float
    """Of the run's work, in [0, 1], measured in bytes of input: durations are not known before a file is decoded."""
    elapsed_s: float

    @property
    def speed(self) -> float:
        """Seconds of audio per second of work."""
        return self.audio_ms / 1000 / max(self.elapsed_s, 1e-3)

    @property
    def left_s(self) -> float | None:
        """Estimated time left; None while there is nothing to go by."""
        return self.elapsed_s * (1 - self.share) / self.share if self.share > 0 else None

    def __str__(self) -> str:
        left = "" if self.left_s is None else f", {clock_time(self.left_s)} left"
        return (
            f"{self.n_settled} of {self.n_recordings} recordings, {self.share:.0%}, "
            f"{clock_time(self.audio_ms / 1000)} of audio, {self.speed:.1f} x real time{left}"
        )


class Tally:
    """Counts what a run has done; fed from several threads."""

    def __init__(self, n_recordings: int, *, size_bytes: int) -> None:
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._n_recordings = n_recordings
        self._n_settled = 0
        self._audio_ms = 0.0
        self._left_bytes = float(size_bytes)
        self._done_bytes = 0.0

    def add_work(self, *, audio_ms: float, size_bytes: float) -> None:
        """Sound that was drafted in this run, and the part of its file."""
        with self._lock:
            self._audio_ms += audio_ms
            self._done_bytes += size_bytes
            self._left_bytes -= size_bytes

    def drop_work(self, size_bytes: float) -> None:
        """Input that needs no work after all: done in an earlier run, or unreadable."""
        with self._lock:
            self._left_bytes -= size_bytes

    def settle_recording(self) -> None:
        """One recording more is done or given up."""
        with self._lock:
            self._n_settled += 1

    def read(self) -> Reading:
        """The figures at this moment."""
        with self._lock:
            total = self._done_bytes + max(self._left_bytes, 0.0)
            return Reading(
                n_recordings=self._n_recordings,
                n_settled=self._n_settled,
                audio_ms=round(self._audio_ms),
                share=self._done_bytes / total if total > 0 else 1.0,
                elapsed_s=time.monotonic() - self._started,
            )


@contextmanager
def shown(tally: Tally, console: Console) -> Iterator[Callable[[], None]]:
    """Show the tally while the block runs; the block calls what it is given whenever there is news."""
    if console.is_terminal:
        with _bar(tally, console) as refresh:
            yield refresh
    else:
        yield _Lines(tally, console).refresh


@contextmanager
def _bar(tally: Tally, console: Console) -> Iterator[Callable[[], None]]:
    columns = (BarColumn(bar_width=30), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(str(tally.read()), total=1.0)

        def refresh() -> None:
            reading = tally.read()
            progress.update(task, completed=reading.share, description=str(reading))

        yield refresh


class _Lines:
    def __init__(self, tally: Tally, console: Console) -> None:
        self._tally = tally
        self._console = console
        self._last = time.monotonic()

    def refresh(self) -> None:
        if time.monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            self._console.print(str(self._tally.read()), markup=False, highlight=False, soft_wrap=True)


def clock_time(seconds: float) -> str:
    """`M:SS` or `H:MM:SS`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
