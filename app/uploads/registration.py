"""Objects that lie in the intake already: registered at once, fetched by jobs, hashed on the way."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.jobs.queues import Queue
from app.uploads import service
from app.uploads.faults import UploadGone
from app.uploads.intake import open_intake
from app.uploads.names import tidy_name
from app.uploads.reception import Reception
from app.uploads.stretch import Stretch
from models.project import Project
from models.upload import Upload, UploadState

FETCH = "fetch"
"""The name of the job; its id is an upload's."""
_KEY = "object"


def register(
    reception: Reception, session: Session, project: Project, *, key: str, sha256: str | None, cells: Mapping[str, str]
) -> Upload:
    """Have an object fetched. Registered again while it is fetched, or when it is a recording, it is the same upload.

    Raises:
        NoIntake, NotFound, StorageUnavailable: there is no such object.
        Invalid, Conflict, TooLarge, TooManyUploads, DiskNearlyFull: as for files that are sent.
    """
    size_bytes = open_intake(reception.settings).size(project.id, key)
    before = _registered(session, project, key, size_bytes)
    if before is not None:
        return before
    metadata = dict(cells) | {"filename": key} | ({"sha256": sha256} if sha256 else {})
    upload = service.begin(reception, session, project, size_bytes=size_bytes, metadata=metadata)
    upload.facts = upload.facts | {_KEY: key}
    session.flush()
    enqueue_fetch(session, upload)
    return upload


def enqueue_fetch(session: Session, upload: Upload) -> None:
    """Have an object fetched when the transaction commits."""
    from app.jobs.engine import enqueue

    enqueue(session, FETCH, [str(upload.id)], key=f"{FETCH}:{upload.id}", queue=Queue.INGEST)


def fetch(reception: Reception, upload_id: UUID) -> None:
    """Copy an object from the intake into its upload, from where it stands, and take it over.

    Raises:
        AppError: it is not there any more or is not what was announced; or the intake or the store does not answer.
    """
    try:
        upload = reception.upload(upload_id)
    except (NotFound, UploadGone):
        return
    key = upload.facts.get(_KEY)
    if upload.state is not UploadState.OPEN or key is None:
        return
    safe = reception.safe_bytes(upload)
    with closing(Stretch.begin(reception, upload_id, offset_bytes=safe, n_bytes=None, checksum=None)) as stretch:
        for piece in open_intake(reception.settings).pieces(upload.project_id, key, safe):
            stretch.write(piece)
        stretch.end()


def _registered(session: Session, project: Project, key: str, size_bytes: int) -> Upload | None:
    same = select(Upload).where(
        Upload.project_id == project.id, Upload.file_name == tidy_name(key), Upload.size_bytes == size_bytes,
        Upload.state.in_((UploadState.OPEN, UploadState.COMPLETE)),
    )  # fmt: skip
    return next((each for each in session.scalars(same) if each.facts.get(_KEY) == key), None)
