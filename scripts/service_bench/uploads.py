"""Large uploads in parallel streams: the memory of the web process while they come in."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import numpy as np

from scripts.demo_run.running import Running
from scripts.service_bench.service import Place, client_of, make_project, memory_mb, serving

_BLOCK = 1 << 20
_LONGEST_S = 3600


@dataclass(frozen=True, slots=True)
class Uploads:
    """One run. Memory of the web process: when the first gigabyte was in, and its peak."""

    n_streams: int
    gigabytes: float
    seconds: float
    early_mb: float
    peak_mb: float


def measure(place: Place, *, n_streams: int, size_bytes: int) -> Uploads:
    """Send files of random bytes by tus, each in one request."""
    with serving(place) as service, client_of(service) as client:
        project_id = make_project(client, "uploads")
        early = _Early(service, n_streams * size_bytes // 10)
        begun = time.monotonic()
        with ThreadPoolExecutor(n_streams) as pool:
            for sent in [pool.submit(_send, service, project_id, n, size_bytes, early) for n in range(n_streams)]:
                sent.result()
        seconds = time.monotonic() - begun
        peak_mb = memory_mb(service.process.pid)
    return Uploads(n_streams, n_streams * size_bytes / 1e9, seconds, early.memory_mb, peak_mb)


class _Early:
    """Notes the memory of the web process when a tenth of all bytes was sent."""

    def __init__(self, service: Running, n_bytes: int) -> None:
        self._service, self._left, self._lock = service, n_bytes, threading.Lock()
        self.memory_mb = 0.0

    def count(self, n_bytes: int) -> None:
        with self._lock:
            was, self._left = self._left, self._left - n_bytes
            if was > 0 >= self._left:
                self.memory_mb = memory_mb(self._service.process.pid, field="VmRSS")


def _send(service: Running, project_id: str, number: int, size_bytes: int, early: _Early) -> None:
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(size_bytes),
        "Upload-Metadata": f"filename {_name(number)}",
    }
    with httpx.Client(timeout=_LONGEST_S) as client:
        url = f"{service.address}/api/v1/projects/{project_id}/uploads"
        place = client.post(url, headers=headers).raise_for_status().headers["Location"]
        headers = {
            "Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(size_bytes),
        }  # fmt: skip
        body = _blocks(number, size_bytes, early)
        client.patch(httpx.URL(service.address).join(place), headers=headers, content=body).raise_for_status()


def _name(number: int) -> str:
    return base64.b64encode(f"large-{number:02}.bin".encode()).decode()


def _blocks(number: int, size_bytes: int, early: _Early) -> Iterator[bytes]:
    block = np.random.default_rng(number).bytes(_BLOCK)
    for start in range(0, size_bytes, _BLOCK):
        piece = block[: size_bytes - start]
        yield piece
        early.count(len(piece))
