"""From the store to the database: whether anybody knows of what lies there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.clips.files import clip_key_of
from app.consistency import queries
from app.consistency.faults import Fault, FaultKind, batches
from app.db import reading
from app.jobs.context import JobContext
from app.settings import Settings
from app.storage import KeyInvalid, StoredFile, recording_key
from app.storage_folder import FolderStore
from app.uploads.parts import Parts
from app.uploads.reception import FOLDER
from models.base import now

N_KEYS = 500


def check_stored(context: JobContext, *, grace: timedelta) -> Iterator[Fault]:
    """Files that no row knows of. grace: younger ones are let be, for the file is written before its row."""
    limit = now() - grace
    aged = (file for file in context.store.list() if file.modified_at < limit)
    for batch in batches(aged, N_KEYS):
        with reading(context.sessions) as session:
            faults = list(_unknown(session, batch))
        yield from (fault for fault in faults if context.store.exists(fault.place))


def check_left_over(context: JobContext, *, grace: timedelta) -> Iterator[Fault]:
    """Files of a local folder that were never finished."""
    if not isinstance(context.store, FolderStore):
        return
    for path in context.store.unfinished():
        with suppress(FileNotFoundError):  # finished meanwhile
            status = path.stat()
            if (age_s := _age_s(status.st_ctime)) > grace.total_seconds():
                yield Fault(FaultKind.LEFT_OVER, path.name, f"{status.st_size} bytes, {age_s / 3600:.0f} hours old")


def check_uploads(context: JobContext, *, grace: timedelta) -> Iterator[Fault]:
    """Parts of uploads that are over or never were, and uploads of which less lies here than was promised."""
    parts = parts_of(context.settings)
    for upload_id, written_at in parts.lying():
        with reading(context.sessions) as session:
            is_stray = not queries.is_open(session, upload_id)
        if is_stray and _age_s(written_at) > grace.total_seconds():
            yield Fault(FaultKind.UPLOAD_STRAY, str(upload_id), f"{parts.size(upload_id)} bytes")
    is_alone = context.settings.database_url.startswith("sqlite")  # else an upload may lie on another machine
    for upload in queries.open_uploads(context.sessions):
        size_bytes = parts.size(upload.id)
        if size_bytes < upload.offset_bytes and (is_alone or parts.path(upload.id).exists()):
            detail = f"{size_bytes} bytes, expected {upload.offset_bytes}"
            yield Fault(FaultKind.UPLOAD_SHORT, str(upload.id), detail)


def parts_of(settings: Settings) -> Parts:
    """Where the files of uploads under way lie on this machine."""
    return Parts(settings.data_folder / FOLDER)


def _unknown(session: Session, files: Sequence[StoredFile]) -> Iterator[Fault]:
    clips = {file.key: key for file in files if (key := clip_key_of(file.key)) is not None}
    recorded = queries.known_clips(session, list(clips))
    hashes: dict[UUID, list[str]] = {}
    for file in files:
        if (place := _place(file.key)) is not None:
            hashes.setdefault(place[0], []).append(place[1])
    recorded |= queries.known_recordings(session, hashes)
    for file in files:
        if file.key in recorded:
            continue
        key = clips.get(file.key)
        kind = FaultKind.FILE_UNKNOWN if key is None else FaultKind.CLIP_UNRECORDED
        detail = f"{file.size_bytes} bytes, written {file.modified_at:%Y-%m-%d %H:%M} UTC"
        yield Fault(kind, file.key, detail, segment_id=key.segment_id if key else None)


def _place(key: str) -> tuple[UUID, str] | None:
    """Project and hash of a recording's key; None where it is not one."""
    project, _, sha256 = key.partition("/")
    try:
        project_id = UUID(project)
        return (project_id, sha256) if recording_key(project_id, sha256) == key else None
    except (ValueError, KeyInvalid):
        return None


def _age_s(since: float) -> float:
    return time.time() - since
