"""The data folder: for its owner alone, and for one service at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from app.errors import AppError, Conflict

_OWNER_ONLY = 0o700
LOCK_NAME = "serve.lock"


class FolderUnusable(AppError):
    """A data folder that cannot be made or written."""

    status = 500
    title = "The data folder cannot be used"


class FolderTaken(Conflict):
    """Another service has the data folder."""


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Make the data folder where there is none, and keep others out of it until the end, however that comes.

    Raises:
        FolderUnusable: it cannot be made or written.
        FolderTaken: a service runs in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(_OWNER_ONLY)
        lock = FileLock(folder / LOCK_NAME)
        lock.acquire(timeout=0)
    except Timeout:
        raise FolderTaken(
            f"a service runs in the folder {str(folder)!r} already; stop that one, or name another folder "
            "(--data-folder or BOLI_DATA_FOLDER)"
        ) from None
    except OSError as error:
        raise FolderUnusable(
            f"the data folder {str(folder)!r} cannot be used: {os.strerror(error.errno or 0)}"
        ) from error
    try:
        yield
    finally:
        lock.release()
