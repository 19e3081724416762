"""Why an upload is not taken. Source: tus resumable upload protocol 1.0.0 (statuses 409, 410, 412, 415, 460)."""

from __future__ import annotations

from app.errors import AppError, Conflict, NoRoom


class OffsetWrong(Conflict):
    """Bytes that do not follow on those that are there."""


class UploadGone(AppError):
    """An upload that expired or was terminated."""

    status = 410
    title = "Gone"


class VersionUnsupported(AppError):
    """Another version of the protocol."""

    status = 412
    title = "Version of tus"


class MediaTypeWrong(AppError):
    """A body of another kind."""

    status = 415
    title = "Media type"


class UploadBusy(AppError):
    """Another request is writing to the same upload."""

    status = 423
    title = "Locked"


class TooManyUploads(AppError):
    """More uploads at once than the organisation may have."""

    status = 429
    title = "Too many uploads"


class ChecksumDiffers(AppError):
    """Bytes that do not hash to what was promised."""

    status = 460
    title = "Checksum mismatch"


class DiskNearlyFull(NoRoom):
    """No room that may be used."""
