"""The same run while the web process, its worker or both are killed at random moments."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import httpx

from scripts.demo_run.running import Running, free_port
from scripts.service_bench.checking import faults
from scripts.service_bench.ingest import LONGEST_S, n_ready
from scripts.service_bench.service import Place, children, client_of, make_project, serving

VICTIMS = ("web", "worker", "both")


@dataclass(frozen=True, slots=True)
class Survival:
    """How often what was killed, and what was wrong at the end."""

    database: str
    n_recordings: int
    kills: dict[str, int]
    seconds: float
    n_faults: int


def survive(place: Place, manifest: Path, *, n_recordings: int, n_kills: int, seed: int) -> Survival:
    """Submit while killing; the submitter goes on by itself or is started again, as a person would.

    Raises:
        TimeoutError: half an hour went by.
    """
    rng, kills, begun = random.Random(seed), Counter[str](), time.monotonic()
    port, project_id, sender = free_port(0), "", _Sender(manifest)
    try:
        while time.monotonic() - begun < LONGEST_S:
            with serving(place, port=port) as service, client_of(service) as client:
                project_id = project_id or make_project(client, "survival")
                while service.process.poll() is None:
                    sender.go_on(service, project_id)
                    if kills.total() >= n_kills:
                        if sender.is_done and _is_ready(client, project_id, n_recordings):
                            return _result(place, project_id, manifest, n_recordings, kills, begun)
                        time.sleep(0.5)
                    else:
                        time.sleep(rng.uniform(0.05, 2.5))
                        _kill(service, rng.choice(VICTIMS), kills)
        raise TimeoutError(f"not all was ready after {LONGEST_S} s and {kills.total()} kills")
    finally:
        sender.end()


class _Sender:
    """`boli submit`, started again while it has not sent everything."""

    def __init__(self, manifest: Path) -> None:
        self._manifest = manifest
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_done(self) -> bool:
        """Whether everything was sent."""
        return self._process is not None and self._process.poll() == 0

    def go_on(self, service: Running, project_id: str) -> None:
        """Start it unless it runs or is done."""
        if self._process is not None and self._process.poll() in (None, 0):
            return
        command = [sys.executable, "-m", "app", "submit", str(self._manifest.parent), "--project", project_id]
        command += ["--manifest", str(self._manifest), "--server", service.address]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end(self) -> None:
        """End it, if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def _kill(service: Running, victim: str, kills: Counter[str]) -> None:
    workers = children(service.process.pid)
    if victim == "worker" and not workers:
        return
    for pid in workers if victim in ("worker", "both") else []:
        _kill_one(pid)
    if victim in ("web", "both"):
        _kill_one(service.process.pid)
        service.process.wait()
    kills[victim] += 1


def _kill_one(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _is_ready(client: httpx.Client, project_id: str, n_recordings: int) -> bool:
    try:
        return n_ready(client, project_id) >= n_recordings
    except httpx.HTTPError:
        return False


def _result(
    place: Place, project_id: str, manifest: Path, n_recordings: int, kills: Counter[str], begun: float
) -> Survival:
    found = faults(place, project_id, manifest)
    for fault in found[:20]:
        print(f"  {fault}", file=sys.stderr)
    kind = "postgresql" if place.database else "sqlite"
    return Survival(kind, n_recordings, dict(kills), time.monotonic() - begun, len(found))
