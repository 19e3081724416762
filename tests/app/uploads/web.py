"""The web process of the service, for tests that kill it. `python -m tests.app.uploads.web FOLDER DATABASE PORT`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from app.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
FREE_BYTES = 1_000_000
READY_S = 60


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass(slots=True)
class Web:
    """A server that can be started again on the same port, folder and database."""

    settings: Settings
    port: int = field(default_factory=_free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        arguments = [str(self.settings.data_folder), self.settings.database_url, str(self.port)]
        self.process = subprocess.Popen([sys.executable, "-m", "tests.app.uploads.web", *arguments], cwd=ROOT)
        for _ in range(READY_S * 20):
            try:
                httpx.get(f"{self.url}/api/v1/projects", timeout=5)
            except httpx.TransportError:
                assert self.process.poll() is None, "the server ended"
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        """End it at once, wherever it is."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def resident_bytes(self) -> int:
        """Memory that it holds now."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024


def main() -> None:
    import uvicorn

    from app.main import create_app

    folder, database, port = sys.argv[1:]
    free_bytes = int(os.environ.get("BOLI_TEST_FREE_BYTES", FREE_BYTES))
    settings = Settings(data_folder=Path(folder), database=database, free_bytes=free_bytes)
    uvicorn.run(create_app(settings), host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main()
