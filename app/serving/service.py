"""The embedded service: migrate, then the web in this process and the worker in a child."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from app.api.hosts import require_local
from app.database.service import migrate
from app.errors import Conflict
from app.main import create_app
from app.serving.folder import hold
from app.serving.worker_process import WorkerProcess
from app.settings import Settings

_GRACE_S = 10
"""How long requests under way may take once the service is told to end."""
_BACKLOG = 1024


class AddressTaken(Conflict):
    """The port is in use, or not ours to use."""


def serve(settings: Settings, *, on_ready: Callable[[str], None]) -> None:
    """Serve until told to end by SIGTERM or Ctrl-C. on_ready: called with the address once requests are answered.

    Raises:
        HostRefused: others could reach the address.
        FolderTaken: a service runs in the data folder already.
        FolderUnusable: the data folder cannot be written.
        AddressTaken: the port is in use.
    """
    require_local(settings.host)
    with hold(settings.data_folder), _ending_by_signal():
        listener = _listen(settings.host, settings.port)
        migrate(settings.database_url)
        worker = WorkerProcess(settings)
        try:
            _Server(settings, worker, on_ready=on_ready).run(sockets=[listener])
        finally:
            worker.stop()


class _Server(uvicorn.Server):
    """Uvicorn that says when it is ready, and starts the worker only then: nothing delays the first answer."""

    def __init__(self, settings: Settings, worker: WorkerProcess, *, on_ready: Callable[[str], None]) -> None:
        super().__init__(
            uvicorn.Config(
                create_app(settings), log_config=None, access_log=False, server_header=False, proxy_headers=False,
                lifespan="on", ws="none", timeout_graceful_shutdown=_GRACE_S, timeout_keep_alive=30,
            )
        )  # fmt: skip
        self._worker = worker
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self.started and sockets:
            self._on_ready(_address(sockets[0]))
            self._worker.start()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise AddressTaken(
            f"port {port} of {host} cannot be used: {error.strerror}; name another by --port or BOLI_PORT (0: any)"
        ) from error
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _ending_by_signal() -> Iterator[None]:
    """SIGTERM ends like Ctrl-C: by an exception that passes through every clean-up."""
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
