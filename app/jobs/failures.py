"""Why a job failed, in words that hold nothing of what the client sent unless we wrote them ourselves."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from app.errors import AppError
from pipeline.errors import PipelineError

MOST_LETTERS = 500


@dataclass(frozen=True, slots=True)
class Failure:
    """A reason, and whether trying again later may help."""

    reason: str
    is_retryable: bool


def failure_of(error: BaseException) -> Failure:
    """What went wrong. Our own errors tell themselves; of others only kind and place are told, since the text of a
    database error holds the row that it was about."""
    if isinstance(error, AppError | PipelineError):
        return Failure(_one_line(str(error)), bool(getattr(error, "retryable", False)))
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    told = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return Failure(_one_line(f"{kind}{told} at {_place(error)}"), is_retryable=True)


def trace_of(error: BaseException) -> str:
    """Where it went wrong, without the message."""
    return "".join(traceback.format_tb(error.__traceback__))


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    if not ours:
        return "an unknown place"
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)[:MOST_LETTERS]
