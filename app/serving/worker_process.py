"""The worker beside the web process: a child, so that native code that drafts can neither stop nor bring down the web.

It is started again when it dies, ever later while it keeps dying, and it ends when this process does, even by SIGKILL.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from contextlib import suppress
from threading import Event, Thread
from time import monotonic

from app.serving.lifeline import line_of
from app.settings import Settings

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
_GOOD_LIFE_S = 60.0
"""A worker that lived this long did not die of its start: the next waits for the first time again."""
_GRACE_S = 30.0
"""A little longer than a worker lets its jobs end."""
COMMAND = (sys.executable, "-m", "app.serving.embedded")
_log = logging.getLogger("boli.serving")


class WorkerProcess:
    """A child process that runs jobs until `stop`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = line_of(settings)
        self._stopping = Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = Thread(target=self._keep, name="worker-keeper", daemon=True)

    @property
    def pid(self) -> int | None:
        """Of the child that runs now."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def start(self) -> None:
        """Start the worker, and go on starting it."""
        self._thread.start()

    def stop(self) -> None:
        """Let the worker end its jobs for a while, then end it."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(_GRACE_S)

    def _keep(self) -> None:
        wait_s = FIRST_WAIT_S
        while not self._stopping.is_set():
            began = monotonic()
            code = self._live_once()
            if self._stopping.is_set():
                return
            wait_s = FIRST_WAIT_S if monotonic() - began > _GOOD_LIFE_S else wait_s
            _log.error("the worker ended with code %d; another starts in %d s", code, wait_s)
            self._stopping.wait(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    def _live_once(self) -> int:
        """One life of the worker; the exit code that it ended with."""
        with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, bufsize=0) as process:  # noqa: S603 - our own
            self._process = process
            assert process.stdin is not None
            with suppress(BrokenPipeError):  # it is dead already
                process.stdin.write(self._settings)
            if self._stopping.is_set():  # `stop` came before there was anything to stop
                process.terminate()
            return process.wait()  # the pipe stays open as long: it tells the worker that this process lives
