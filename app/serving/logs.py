"""Where log lines go: to standard error, for whatever keeps the service running to collect."""

from __future__ import annotations

import logging

_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def write_logs() -> None:
    """Write what happens to standard error. SQL is not logged: it holds what people wrote."""
    logging.basicConfig(level=logging.INFO, format=_FORMAT)
    for name in ("sqlalchemy", "alembic", "httpx", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
