"""What ties the worker to the web process: a pipe that brings its settings, and breaks when that process is gone.

The system closes the pipe however the web process ends, SIGKILL included, and even before the worker first looks: there
is no moment at which it could be missed, as there is with a parent's process id. Settings hold keys, so that they are
neither in the command line nor in the environment, where other programs could read them.
"""

from __future__ import annotations

import json
import os
from threading import Event, Thread
from typing import BinaryIO

from pydantic import SecretBytes, SecretStr

from app.settings import Settings

PATIENCE_S = 75.0
"""A worker that has not ended so long after its web process is ended: a little longer than it lets its jobs end."""


class Lifeline:
    """The worker's end of the pipe."""

    def __init__(self, pipe: BinaryIO, *, patience_s: float = PATIENCE_S) -> None:
        self._pipe = pipe
        self._patience_s = patience_s
        self._gone = Event()

    def settings(self) -> Settings | None:
        """The settings that the web process runs on; None where it is gone already."""
        line = self._pipe.readline()
        return settings_of(line) if line.endswith(b"\n") else None

    def holds(self) -> bool:
        """Whether the web process is there."""
        return not self._gone.is_set()

    def watch(self) -> None:
        """From now on, end this process where it outlives the web process by more than its patience."""
        Thread(target=self._watch, name="lifeline", daemon=True).start()

    def _watch(self) -> None:
        while self._pipe.read(1):
            pass
        self._gone.set()
        Event().wait(self._patience_s)
        os._exit(1)  # whatever holds it up: its jobs go back to their queues with the next start


def line_of(settings: Settings) -> bytes:
    """Settings as a line for another process of ours, every field and every secret of them."""
    return json.dumps(settings.model_dump(), default=_plain).encode() + b"\n"


def settings_of(line: bytes) -> Settings:
    """The settings in a line. The environment has no say: each field was given."""
    return Settings(_env_file=None, **json.loads(line))  # type: ignore[call-arg]  # the plugin does not know _env_file


def _plain(value: object) -> str:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case SecretBytes():
            return value.get_secret_value().decode()
        case _:
            return str(value)
