"""Rows that speak of files, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.db import reading
from models.cached_file import CachedFile
from models.recording import Recording
from models.segment import Segment
from models.upload import Upload, UploadState

N_ROWS = 500


def recordings(sessions: sessionmaker[Session]) -> Iterator[Recording]:
    """Every recording."""
    last: UUID | None = None
    while True:
        query = select(Recording).order_by(Recording.id).limit(N_ROWS)
        with reading(sessions) as session:
            page = session.scalars(query if last is None else query.where(Recording.id > last)).all()
        if not page:
            return
        yield from page
        last = page[-1].id


def cached_files(sessions: sessionmaker[Session]) -> Iterator[CachedFile]:
    """Every cached file."""
    last = ""
    while True:
        query = select(CachedFile).where(CachedFile.storage_key > last).order_by(CachedFile.storage_key).limit(N_ROWS)
        with reading(sessions) as session:
            page = session.scalars(query).all()
        if not page:
            return
        yield from page
        last = page[-1].storage_key


def open_uploads(sessions: sessionmaker[Session]) -> list[Upload]:
    """The uploads under way."""
    with reading(sessions) as session:
        return list(session.scalars(select(Upload).where(Upload.state == UploadState.OPEN)))


def is_recording(session: Session, recording_id: UUID) -> bool:
    """Whether it is still there."""
    return session.scalar(select(Recording.id).where(Recording.id == recording_id)) is not None


def is_cached(session: Session, key: str, size_bytes: int) -> bool:
    """Whether the file is still said to be there, and of this size."""
    row = session.get(CachedFile, key)
    return row is not None and row.size_bytes == size_bytes


def is_open(session: Session, upload_id: UUID) -> bool:
    """Whether an upload is under way."""
    upload = session.get(Upload, upload_id)
    return upload is not None and upload.state is UploadState.OPEN


def known_recordings(session: Session, hashes_by_project: dict[UUID, list[str]]) -> set[str]:
    """Which of these files belong to a recording, by key."""
    found: set[str] = set()
    for project_id, hashes in hashes_by_project.items():
        query = select(Recording.storage_key).where(Recording.project_id == project_id, Recording.sha256.in_(hashes))
        found.update(session.scalars(query))
    return found


def known_clips(session: Session, keys: Sequence[str]) -> set[str]:
    """Which of these files are recorded as cached."""
    return set(session.scalars(select(CachedFile.storage_key).where(CachedFile.storage_key.in_(keys))))


def recordings_of_segments(session: Session, segment_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The recording of each of these segments that is there."""
    query = select(Segment.id, Segment.recording_id).where(Segment.id.in_(list(segment_ids)))
    return {row.id: row.recording_id for row in session.execute(query)}
