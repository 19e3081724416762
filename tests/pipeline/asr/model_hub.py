"""A real local model hub that gives, breaks off and lies."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from pipeline.asr.recogniser import Request

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NOBODY = "http://127.0.0.1:9"


@dataclass
class Hub:
    """A local model hub with one repository."""

    folder: Path
    url: str = ""
    n_breaks: int = 0
    """How often the weights end in the middle of what was asked for."""
    serves_parts: bool = True
    lies: bool = False
    asked: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def serving_hub(converted: Path) -> Iterator[Hub]:  # noqa: C901 - a server with its handler
    served = Hub(converted)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer(with_body=False)

        def do_GET(self) -> None:
            self.answer(with_body=True)

        def answer(self, *, with_body: bool) -> None:
            served.asked.append(self.path)
            name = self.path.rpartition("/")[2]
            if "/api/models/" in self.path:
                self.send(200, json.dumps(self.listing()).encode(), with_body=with_body)
            elif "/resolve/" in self.path and (served.folder / name).is_file():
                self.send_file(name, with_body=with_body)
            else:
                self.send(404, b"no such thing", with_body=with_body)

        def listing(self) -> object:
            files = sorted(served.folder.iterdir())
            if "/tree/" in self.path:
                return [self.entry("path", file) | {"type": "file", "oid": "0" * 40} for file in files]
            siblings = [self.entry("rfilename", file) for file in files]
            return {"id": "Systran/faster-whisper-tiny", "sha": COMMIT, "siblings": siblings}

        def entry(self, key: str, file: Path) -> dict[str, object]:
            content = file.read_bytes()
            plain: dict[str, object] = {key: file.name, "size": len(content)}
            if file.name != "model.bin":
                return plain
            digest = "0" * 64 if served.lies else digest_of(content)
            return plain | {"lfs": {"oid": digest, "sha256": digest, "size": len(content), "pointerSize": 134}}

        def send_file(self, name: str, *, with_body: bool) -> None:
            content = (served.folder / name).read_bytes()
            start = 0
            if wanted := self.headers.get("Range"):
                served.ranges.append(wanted)
                start = int(wanted.removeprefix("bytes=").partition("-")[0]) if served.serves_parts else 0
            breaks_off = served.n_breaks > 0 and with_body and name == "model.bin"
            served.n_breaks -= breaks_off
            part = content[start:]
            self.send_response(206 if start else 200)
            self.send_header("ETag", f'"{digest_of(content)}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(part)))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            if with_body:
                self.wfile.write(part[: len(part) // 2] if breaks_off else part)
            self.close_connection = breaks_off

        def send(self, status: int, body: bytes, *, with_body: bool) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield served
    server.shutdown()
    server.server_close()


def noise(*, language: str = "hi") -> Request:
    samples = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    return Request(samples, language, max_tokens=5)
