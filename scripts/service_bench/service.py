"""The service under test, in a folder of its own, with a recogniser that costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from scripts.demo_run.running import Running, free_port, running
from scripts.service_bench.recordings import DIALECTS

ENGINE = "fake"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service keeps its things. database: None is SQLite in the folder."""

    folder: Path
    database: str | None

    @property
    def environment(self) -> dict[str, str]:
        """What differs from a usual service."""
        return {"BOLI_ENGINE": ENGINE} | ({"BOLI_DATABASE": self.database} if self.database else {})

    @property
    def database_url(self) -> str:
        """The database, for those who check it."""
        return self.database or f"sqlite:///{self.folder / 'boli.sqlite3'}"


@contextmanager
def serving(place: Place, *, port: int = 0) -> Iterator[Running]:
    """The service on a free port, or on this one."""
    with running(place.folder, free_port(port), environment=place.environment) as service:
        yield service


def make_project(client: httpx.Client, name: str) -> str:
    """A project in all the dialects of the recordings; its id."""
    body: dict[str, object] = {"name": f"Bench {name}"}
    organisation = client.post("/organisations", json=body).raise_for_status().json()["id"]
    body = {"organisation_id": organisation, "name": name, "dialects": [{"dialect": tag} for tag in DIALECTS]}
    return str(client.post("/projects", json=body).raise_for_status().json()["id"])


def client_of(service: Running) -> httpx.Client:
    """HTTP to a service."""
    return httpx.Client(base_url=f"{service.address}/api/v1", timeout=60)


def children(pid: int) -> list[int]:
    """Processes that a process started. Linux."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def memory_mb(pid: int, *, field: str = "VmHWM") -> float:
    """A process's peak memory (VmHWM) or memory now (VmRSS), in MB of 2^20 bytes. Linux."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split(f"{field}:")[1].split()[0]) / 1024
