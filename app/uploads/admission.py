"""Whether there is room for one more file: by the limits of the organisation, of the service, and of the disk."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.errors import TooLarge
from app.settings import Settings
from app.uploads.faults import DiskNearlyFull, TooManyUploads
from models.organisation import Organisation
from models.project import Project
from models.recording import Recording, RecordingState
from models.upload import Upload, UploadState


def admit(
    session: Session, project: Project, *, size_bytes: int, received_bytes: int, settings: Settings, free_bytes: int
) -> None:
    """See that a file of this size may come in; the organisation's row is locked until the commit.

    received_bytes: how much of it lies there already. free_bytes: of the disk that files are received on.

    Raises:
        TooLarge: the file is, or the organisation would store more than it may.
        TooManyUploads: it has as many open as it may.
        DiskNearlyFull: with what is promised to uploads under way, too little of the disk would stay free.
    """
    organisation = session.scalars(
        select(Organisation).where(Organisation.id == project.organisation_id).with_for_update(key_share=True)
    ).one()
    _admit_size(organisation, size_bytes, settings)
    _admit_stored(session, organisation, size_bytes)
    _admit_count(session, organisation)
    promised = _total(session.scalar(select(func.sum(Upload.size_bytes - Upload.offset_bytes)).where(_IS_OPEN)))
    if free_bytes - promised - (size_bytes - received_bytes) < settings.free_bytes:
        raise DiskNearlyFull(
            f"{size_bytes:,} bytes: {max(free_bytes, 0):,} are free on the service's disk, {promised:,} of them "
            f"promised to uploads under way, and {settings.free_bytes:,} must stay free; make room or try later"
        )


_IS_OPEN = Upload.state == UploadState.OPEN


def _admit_size(organisation: Organisation, size_bytes: int, settings: Settings) -> None:
    most = min(settings.max_file_bytes, organisation.max_file_bytes or settings.max_file_bytes)
    if size_bytes > most:
        raise TooLarge(f"the file has {size_bytes:,} bytes; expected at most {most:,}")


def _admit_stored(session: Session, organisation: Organisation, size_bytes: int) -> None:
    if organisation.max_stored_bytes is None:
        return
    stored = (
        select(func.sum(Recording.size_bytes))
        .join(Project, Project.id == Recording.project_id)
        .where(Project.organisation_id == organisation.id, Recording.state != RecordingState.DUPLICATE)
    )
    coming = _open_of(organisation, func.sum(Upload.size_bytes))
    used = _total(session.scalar(stored)) + _total(session.scalar(coming))
    if used + size_bytes > organisation.max_stored_bytes:
        raise TooLarge(
            f"{size_bytes:,} bytes more than the {used:,} that the organisation stores or is sending; expected at most "
            f"{organisation.max_stored_bytes:,} in all"
        )


def _admit_count(session: Session, organisation: Organisation) -> None:
    if organisation.max_open_uploads is None:
        return
    n_open = _total(session.scalar(_open_of(organisation, func.count())))
    if n_open >= organisation.max_open_uploads:
        raise TooManyUploads(
            f"the organisation has {n_open} uploads open; expected fewer than {organisation.max_open_uploads}: finish "
            "or terminate one"
        )


def _open_of(organisation: Organisation, figure: Any) -> Select[tuple[Any]]:
    return (
        select(figure)
        .select_from(Upload)
        .join(Project, Project.id == Upload.project_id)
        .where(Project.organisation_id == organisation.id, _IS_OPEN)
    )


def _total(figure: Any) -> int:
    """A sum as a whole number: PostgreSQL gives decimals, and nothing where there is nothing."""
    return int(figure or 0)
