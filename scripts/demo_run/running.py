"""`boli serve` as a child of the demo."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

LONGEST_START_S = 60
LONGEST_END_S = 30


class ServiceFailed(RuntimeError):
    """The service did not start, or ended by itself."""


@dataclass(frozen=True, slots=True)
class Running:
    """A service that answers at an address."""

    address: str
    process: subprocess.Popen[bytes]

    def check(self) -> None:
        """Raises ServiceFailed once the service is gone."""
        if self.process.poll() is not None:
            raise ServiceFailed(f"the service ended with exit code {self.process.returncode}; see its log")


@contextmanager
def running(folder: Path, port: int, *, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A service on a data folder until the block ends. Its log is `service.log` beside the folder.

    environment: settings beside those of this process.

    Raises:
        ServiceFailed: it ended, or did not answer within a minute.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder.with_name("service.log")
    command = [sys.executable, "-m", "app", "serve", "--port", str(port), "--data-folder", str(folder)]
    with log.open("ab") as lines:
        process = subprocess.Popen(
            command, stdout=lines, stderr=lines, start_new_session=True, env=os.environ | dict(environment or {})
        )
    service = Running(f"http://127.0.0.1:{port}", process)
    try:
        _wait(service, log)
        yield service
    finally:
        _end(process)


def free_port(wanted: int) -> int:
    """The wanted port, or any other where that is in use."""
    for port in (wanted, 0):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(listener.getsockname()[1])
    raise ServiceFailed("no port of 127.0.0.1 is free")


def _wait(service: Running, log: Path) -> None:
    deadline = time.monotonic() + LONGEST_START_S
    while time.monotonic() < deadline:
        if service.process.poll() is not None:
            last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-1:]
            raise ServiceFailed(f"the service did not start: {' '.join(last)}")
        try:
            httpx.get(f"{service.address}/openapi.json", timeout=5).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise ServiceFailed(f"the service did not answer within {LONGEST_START_S} s; see {log}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, as `boli serve` is asked; its worker ends with it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(LONGEST_END_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
