"""Errors that reach a person: a message in plain words and a status."""

from __future__ import annotations


class AppError(Exception):
    """Something the user can mend; `message` says what, which and what was expected."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
