"""What becomes of uploads that nobody goes on with."""

from __future__ import annotations

import logging
import time
from uuid import UUID

from sqlalchemy import ColumnElement, select

from app.db import reading
from app.errors import AppError
from app.uploads.faults import UploadBusy
from app.uploads.reception import Reception
from models.base import now
from models.upload import Upload, UploadState

STRAY_AFTER_S = 3600.0
"""A file without an open upload is dropped after so long: a form is received before its row is made."""
_MOST_AT_ONCE = 500
log = logging.getLogger("boli.uploads")


def sweep_uploads(reception: Reception) -> None:
    """Finish what is whole, give up what expired, and drop files that belong to no upload.

    Only where the files lie: an upload whose bytes are on another machine is that machine's.
    """
    for upload_id in _open_uploads(reception, Upload.offset_bytes == Upload.size_bytes):
        _finish(reception, upload_id)
    for upload_id in _open_uploads(reception, Upload.expires_at < now()):
        _expire(reception, upload_id)
    _drop_strays(reception)


def _finish(reception: Reception, upload_id: UUID) -> None:
    try:
        with reception.parts.locked(upload_id):
            upload = reception.upload(upload_id)
            is_whole = reception.safe_bytes(upload) == upload.size_bytes
            if upload.state is UploadState.OPEN and is_whole:
                reception.finish(upload)
    except UploadBusy:
        return
    except AppError as error:
        log.warning("upload %s: %s", upload_id, error)


def _expire(reception: Reception, upload_id: UUID) -> None:
    try:
        with reception.parts.locked(upload_id):
            with reading(reception.sessions) as session:
                upload = session.get(Upload, upload_id)
            if upload is not None and upload.state is UploadState.OPEN and upload.expires_at < now():
                reception.close(upload_id, UploadState.EXPIRED)
    except UploadBusy:
        return


def _drop_strays(reception: Reception) -> None:
    """Files of uploads that are over, or that never had a row."""
    for upload_id, written_at in list(reception.parts.lying()):
        if time.time() - written_at < STRAY_AFTER_S:
            continue
        try:
            with reception.parts.locked(upload_id):
                with reading(reception.sessions) as session:
                    upload = session.get(Upload, upload_id)
                if upload is None or upload.state is not UploadState.OPEN:
                    reception.parts.drop(upload_id)
        except UploadBusy:
            continue


def _open_uploads(reception: Reception, condition: ColumnElement[bool]) -> list[UUID]:
    query = select(Upload.id).where(Upload.state == UploadState.OPEN, condition).limit(_MOST_AT_ONCE)
    with reading(reception.sessions) as session:
        return list(session.scalars(query).all())
