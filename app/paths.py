"""Paths that people type: what is there, told apart from what the system will not say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.errors import AppError


class PathUnusable(AppError):
    """A path that the system refuses to look at: a name too long, a folder that may not be entered."""

    status = 422


def is_folder(path: Path) -> bool:
    """Whether a folder is there.

    Raises:
        PathUnusable: the system does not say.
    """
    return _asked(path, Path.is_dir)


def is_file(path: Path) -> bool:
    """Whether a regular file is there.

    Raises:
        PathUnusable: the system does not say.
    """
    return _asked(path, Path.is_file)


def is_there(path: Path) -> bool:
    """Whether anything is there.

    Raises:
        PathUnusable: the system does not say.
    """
    return _asked(path, Path.exists)


def _asked(path: Path, question: Callable[[Path], bool]) -> bool:
    try:
        return question(path)
    except OSError as error:
        raise PathUnusable(f"{str(path)!r}: {error.strerror}") from error
