"""What the pipeline raises: each error says whether trying again can help."""

from __future__ import annotations

from typing import ClassVar


class PipelineError(Exception):
    """A stage cannot do its work on this input; the message says what, which and what was expected."""

    retryable: ClassVar[bool] = False


class AudioUnreadable(PipelineError):
    """A file that holds no audio we can decode."""

    def __init__(self, file: str, reason: str, remedy: str) -> None:
        super().__init__(f"{file}: {reason}. {remedy}")
        self.file = file
        self.reason = reason
        self.remedy = remedy


class UnknownDialect(PipelineError):
    """A tag or name that the dialect catalogue does not have."""


class ModelUnavailable(PipelineError):
    """Weights that are not on this machine and cannot be fetched, or that do not load."""


class RecogniserFailed(PipelineError):
    """A recogniser that answered with an error; the segment gets no draft."""


class RecogniserUnreachable(PipelineError):
    """A recogniser that did not answer in time; trying again may help."""

    retryable = True
