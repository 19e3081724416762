"""`boli serve` as a process of its own: started, asked, ended and killed."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

_START_S = 60
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@dataclass(frozen=True, slots=True)
class Service:
    """A running `boli serve`."""

    process: subprocess.Popen[str]
    address: str

    def children(self) -> list[int]:
        """Process ids of its children."""
        out = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False).stdout
        return [int(line) for line in out.split()]


def environment(tmp_path: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("BOLI_")}
    return own | {"BOLI_DATA_FOLDER": str(tmp_path / "data"), "BOLI_CACHE_FOLDER": str(tmp_path / "cache")}


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "app", "serve", "--port", "0", *options]


@contextmanager
def running(tmp_path: Path) -> Iterator[Service]:
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            command(), env=environment(tmp_path), stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = _ADDRESS.search(line)
        assert found, line + (tmp_path / "log").read_text()
        yield Service(process, found.group())
    finally:
        process.kill()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def eventually(claim: Callable[[], bool], *, seconds: float = _START_S) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if claim():
            return True
        time.sleep(0.1)
    return claim()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_it_answers_keeps_others_out_and_ends_when_told(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        folder = tmp_path / "data"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert httpx.get(f"{service.address}/api/v1/projects").json() == {"items": [], "next_cursor": None}
        second = subprocess.run(
            command(), env=environment(tmp_path), capture_output=True, text=True, timeout=_START_S, check=False
        )
        assert second.returncode == 1
        assert str(folder) in second.stderr
        assert "Traceback" not in second.stderr
        (worker,) = service.children()
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(40) == 0
        assert not is_alive(worker)
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_worker_that_is_killed_comes_back_and_ends_with_the_service_even_by_sigkill(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        assert eventually(lambda: "takes jobs" in (tmp_path / "log").read_text())
        (first,) = service.children()
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: any(pid != first for pid in service.children()))
        assert httpx.get(f"{service.address}/api/v1/projects").status_code == 200
        assert eventually(lambda: (tmp_path / "log").read_text().count("takes jobs") == 2)
        (second,) = service.children()
        service.process.kill()
        assert eventually(lambda: not is_alive(second))
    with running(tmp_path) as again:  # the lock of one that was killed is no lock
        assert httpx.get(f"{again.address}/api/v1/projects").status_code == 200


def test_it_listens_on_this_machine_alone_until_there_are_accounts(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "192.168.1.5", "hub.example"):
        result = subprocess.run(
            command("--host", host), env=environment(tmp_path), capture_output=True, text=True, timeout=_START_S,
            check=False,
        )  # fmt: skip
        assert result.returncode == 1
        assert repr(host) in result.stderr
        assert "no accounts" in result.stderr
    assert not (tmp_path / "data").exists()


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        port = service.address.rpartition(":")[2]
        other = environment(tmp_path) | {"BOLI_DATA_FOLDER": str(tmp_path / "other")}
        result = subprocess.run(
            [sys.executable, "-m", "app", "serve", "--port", port], env=other, capture_output=True, text=True,
            timeout=_START_S, check=False,
        )  # fmt: skip
        assert (result.returncode, f"port {port}" in result.stderr) == (1, True)


def test_the_web_process_loads_no_model_code() -> None:
    heavy = ("torch", "ctranslate2", "faster_whisper", "onnxruntime", "av", "numpy", "pipeline.asr")
    code = "import sys, app.main, app.serving.service; print([n for n in sys.argv[1:] if n in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_a_name_that_was_pointed_at_this_machine_gets_no_answer(tmp_path: Path, host: str) -> None:
    from fastapi.testclient import TestClient

    from app.main import create_app
    from app.settings import Settings

    with TestClient(create_app(Settings(data_folder=tmp_path)), base_url="http://127.0.0.1") as client:
        assert client.get("/api/v1/projects", headers={"Host": host}).status_code == 400
