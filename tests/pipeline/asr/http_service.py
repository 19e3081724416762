"""A real server on this machine, which behaves as a test wants, and what it saw."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from pipeline.asr.http import HttpOptions, HttpRecogniser
from pipeline.asr.patient_client import Patience
from pipeline.asr.recogniser import Request

KEY = "sk-very-secret-0123456789"
QUICK = Patience(timeout_ms=2_000, n_attempts=3, first_wait_ms=5, longest_wait_ms=1_500, max_response_bytes=100_000)


@dataclass
class Seen:
    """One request as the server saw it."""

    path: str
    headers: dict[str, str]
    fields: dict[str, list[str]]
    wav: bytes
    at_s: float


@dataclass
class Service:
    """A local service whose behaviour is a function of the request and of how many came before."""

    behave: Callable[[BaseHTTPRequestHandler, Seen, int], None]
    seen: list[Seen] = field(default_factory=list)
    n_open: int = 0
    most_open: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


Serve = Callable[..., Service]
Connect = Callable[..., HttpRecogniser]


def parse_form(headers: dict[str, str], body: bytes) -> tuple[dict[str, list[str]], bytes]:
    message = message_from_bytes(f"Content-Type: {headers['content-type']}\r\n\r\n".encode() + body)
    fields: dict[str, list[str]] = {}
    wav = b""
    for part in message.get_payload():
        assert not isinstance(part, str)
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        name = str(part.get_param("name", header="content-disposition"))
        if name == "file":
            wav = content
        else:
            fields.setdefault(name, []).append(content.decode())
    return fields, wav


def serving() -> Iterator[Callable[..., Service]]:
    servers: list[ThreadingHTTPServer] = []

    def start(behave: Callable[[BaseHTTPRequestHandler, Seen, int], None]) -> Service:
        service = Service(behave)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                headers = {key.lower(): value for key, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                seen = Seen(self.path, headers, *parse_form(headers, body), at_s=time.monotonic())
                with service.lock:
                    service.seen.append(seen)
                    number = len(service.seen)
                    service.n_open += 1
                    service.most_open = max(service.most_open, service.n_open)
                try:
                    service.behave(self, seen, number)
                finally:
                    with service.lock:
                        service.n_open -= 1

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        service.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        return service

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def reply(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, *, kind: str = "application/json", **headers: str
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def reply_text(handler: BaseHTTPRequestHandler, text: str) -> None:
    reply(handler, 200, json.dumps({"text": text}).encode())


def connecting() -> Iterator[Callable[..., HttpRecogniser]]:
    opened: list[HttpRecogniser] = []

    def start(
        url: str, *, patience: Patience = QUICK, api_key: str | None = KEY, n_parallel: int = 4
    ) -> HttpRecogniser:
        options = HttpOptions(url, api_key=api_key, n_parallel=n_parallel, patience=patience)
        opened.append(HttpRecogniser("qwen3-asr", options=options))
        return opened[-1]

    yield start
    for recogniser in opened:
        recogniser.close()


def clip(level: float = 0.25, *, n_samples: int = 16_000, **hints: str) -> Request:
    return Request(np.full(n_samples, level, dtype=np.float32), **({"language": "hi"} | hints))  # type: ignore[arg-type]
