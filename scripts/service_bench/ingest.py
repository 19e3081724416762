"""A manifest of short recordings, from `boli submit` to tasks ready."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from scripts.demo_run.running import Running
from scripts.service_bench.checking import faults
from scripts.service_bench.service import Place, client_of, make_project, memory_mb, serving

LONGEST_S = 1800


@dataclass(frozen=True, slots=True)
class Ingest:
    """One run. submitted_s, ready_s: seconds from the first request until all files were in, and all lay in tasks."""

    database: str
    n_recordings: int
    started_s: float
    submitted_s: float
    ready_s: float
    web_peak_mb: float
    n_faults: int

    @property
    def recordings_per_s(self) -> float:
        """From the first request to the last task."""
        return self.n_recordings / self.ready_s


def measure(place: Place, manifest: Path, *, n_recordings: int) -> Ingest:
    """Start a service, submit, wait until every recording is ready, check every row."""
    begun = time.monotonic()
    with serving(place) as service, client_of(service) as client:
        started_s = time.monotonic() - begun
        project_id = make_project(client, "ingest")
        begun = time.monotonic()
        submit(service, project_id, manifest)
        submitted_s = time.monotonic() - begun
        wait_until_ready(client, project_id, n_recordings)
        ready_s = time.monotonic() - begun
        peak_mb = memory_mb(service.process.pid)
    found = faults(place, project_id, manifest)
    for fault in found[:20]:
        print(f"  {fault}", file=sys.stderr)
    kind = "postgresql" if place.database else "sqlite"
    return Ingest(kind, n_recordings, started_s, submitted_s, ready_s, peak_mb, len(found))


def submit(service: Running, project_id: str, manifest: Path) -> None:
    """`boli submit`, as a client runs it."""
    command = [sys.executable, "-m", "app", "submit", str(manifest.parent), "--project", project_id]
    command += ["--manifest", str(manifest), "--server", service.address]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def wait_until_ready(client: httpx.Client, project_id: str, n_recordings: int) -> None:
    """Until that many recordings lie in tasks.

    Raises:
        TimeoutError: half an hour went by.
    """
    deadline = time.monotonic() + LONGEST_S
    while n_ready(client, project_id) < n_recordings:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{n_ready(client, project_id)} of {n_recordings} are ready after {LONGEST_S} s")
        time.sleep(0.5)


def n_ready(client: httpx.Client, project_id: str) -> int:
    """Recordings that lie in tasks."""
    progress = client.get(f"/projects/{project_id}/progress").raise_for_status().json()
    return int(progress["recordings"]["by_state"].get("ready", 0))
