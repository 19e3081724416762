"""Errors that reach a person: a message in plain words and a status."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with one field: where it stands, what it holds, what was expected."""

    field: str
    value: str
    expected: str


class AppError(Exception):
    """Something the user can mend; `message` says what, which and what was expected."""

    status = 400
    title = "The request cannot be carried out"
    faults: tuple[FieldFault, ...] = ()

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(AppError):
    """There is no such thing, or it is somebody else's."""

    status = 404
    title = "Not found"


class Conflict(AppError):
    """What is there already, or its state, does not allow it."""

    status = 409
    title = "Conflict"


class ChangedMeanwhile(AppError):
    """Somebody changed it since it was read."""

    status = 412
    title = "Changed meanwhile"


class TooLarge(AppError):
    """More bytes than are taken."""

    status = 413
    title = "Too large"


class Invalid(AppError):
    """Fields that hold what they must not."""

    status = 422
    title = "Fields are wrong"

    def __init__(self, message: str, *faults: FieldFault) -> None:
        super().__init__(message)
        self.faults = faults


class PreconditionMissing(AppError):
    """An edit that does not say which version it edits."""

    status = 428
    title = "If-Match is missing"


class Overloaded(AppError):
    """No room for one more just now; later there is."""

    status = 503
    title = "Busy"


class NoRoom(AppError):
    """The disk has no room for what must be kept; what was there stays as it was."""

    status = 507
    title = "Disk nearly full"
