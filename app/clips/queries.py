"""What the database knows of clips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.clips.files import ClipKind
from models.base import now
from models.cached_file import CachedFile
from models.recording import Recording
from models.segment import Segment

TOUCHED_AFTER = timedelta(hours=1)
"""How stale the time of last use may grow: not every playing of a clip is worth a write."""
N_IDS = 500
"""Keys in one statement; SQLite takes some thousands."""


def ready(session: Session, segments: Sequence[Segment]) -> dict[UUID, dict[ClipKind, CachedFile]]:
    """The files of those segments of which both are there."""
    found: dict[UUID, dict[ClipKind, CachedFile]] = {}
    for start in range(0, len(segments), N_IDS):
        ids = [segment.id for segment in segments[start : start + N_IDS]]
        for row in session.scalars(select(CachedFile).where(CachedFile.segment_id.in_(ids))):
            found.setdefault(row.segment_id, {})[ClipKind(row.storage_key.rpartition(".")[2])] = row
    return {segment_id: files for segment_id, files in found.items() if len(files) == len(ClipKind)}


def recordings_of(session: Session, segments: Iterable[Segment]) -> Mapping[UUID, Recording]:
    """Their recordings by id."""
    ids = {segment.recording_id for segment in segments}
    return {row.id: row for row in session.scalars(select(Recording).where(Recording.id.in_(ids)))}


def record(session: Session, files: Sequence[CachedFile]) -> None:
    """Say that these files are there, used just now."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [
        {
            "storage_key": file.storage_key,
            "segment_id": file.segment_id,
            "size_bytes": file.size_bytes,
            "used_at": now(),
        }
        for file in files
    ]
    statement = insert(CachedFile)
    newer = {"size_bytes": statement.excluded.size_bytes, "used_at": statement.excluded.used_at}
    session.execute(statement.on_conflict_do_update(index_elements=["storage_key"], set_=newer), rows)


def stale(files: Iterable[CachedFile]) -> list[str]:
    """Keys of those whose time of last use is worth writing anew."""
    return [file.storage_key for file in files if file.used_at < now() - TOUCHED_AFTER]


def touch(session: Session, keys: Sequence[str]) -> None:
    """Say that these files were used just now."""
    session.execute(update(CachedFile).where(CachedFile.storage_key.in_(keys)).values(used_at=now()))


def cached_bytes(session: Session) -> int:
    """How much all cached files take."""
    return int(session.scalar(select(func.coalesce(func.sum(CachedFile.size_bytes), 0))) or 0)


def longest_unused(session: Session, n: int) -> list[CachedFile]:
    """The files that nobody has used for the longest time."""
    return list(session.scalars(select(CachedFile).order_by(CachedFile.used_at, CachedFile.storage_key).limit(n)))


def forget_unused(session: Session, files: Sequence[CachedFile]) -> dict[str, int]:
    """Drop the rows of files unless they were made or used again meanwhile; keys and sizes of what was dropped."""
    pairs = [(file.storage_key, file.used_at) for file in files]
    dropped = session.execute(
        delete(CachedFile)
        .where(tuple_(CachedFile.storage_key, CachedFile.used_at).in_(pairs))
        .returning(CachedFile.storage_key, CachedFile.size_bytes)
        .execution_options(synchronize_session=False)
    )
    return {row.storage_key: row.size_bytes for row in dropped}


def forget(session: Session, keys: Sequence[str]) -> None:
    """Drop the rows of files that are not there."""
    session.execute(delete(CachedFile).where(CachedFile.storage_key.in_(keys)))
