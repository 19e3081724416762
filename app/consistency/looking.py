"""From the database to the store: whether what the rows promise is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from app.clips.files import clip_key_of
from app.consistency import queries
from app.consistency.faults import Fault, FaultKind, batches
from app.db import reading
from app.jobs.context import JobContext
from app.storage import Store, StoredFileMissing
from models.cached_file import CachedFile
from models.recording import Recording

N_AT_ONCE = 16
"""Questions to a bucket that are under way at once: each takes some milliseconds of waiting."""
Row = TypeVar("Row", Recording, CachedFile)


def check_recordings(context: JobContext) -> Iterator[Fault]:
    """Recordings whose file is missing or of another size."""
    for row, size_bytes in _sizes(context.store, queries.recordings(context.sessions)):
        fault = _size_fault(row, size_bytes)
        if fault is not None and _is_still(context, row):
            yield fault


def check_hashes(context: JobContext) -> Iterator[Fault]:
    """Recordings of the right size that hold other bytes than those that came in. Reads every file."""
    for row in queries.recordings(context.sessions):
        try:
            is_whole = context.store.size(row.storage_key) == row.size_bytes
            found = context.store.sha256(row.storage_key) if is_whole else row.sha256
        except StoredFileMissing:
            continue
        if found != row.sha256 and _is_still(context, row):
            yield Fault(
                FaultKind.RECORDING_HASH, row.storage_key, f"hashes to {found}, expected {row.sha256}", row.id
            )  # fmt: skip


def check_clips(context: JobContext) -> Iterator[Fault]:
    """Clips that are missing or of another size."""
    for row, size_bytes in _sizes(context.store, queries.cached_files(context.sessions)):
        if size_bytes == row.size_bytes:
            continue
        with reading(context.sessions) as session:
            if not queries.is_cached(session, row.storage_key, row.size_bytes):
                continue  # evicted or made again meanwhile
        kind = FaultKind.CLIP_MISSING if size_bytes is None else FaultKind.CLIP_SIZE
        key = clip_key_of(row.storage_key)
        detail = f"{_bytes(size_bytes)}, expected {row.size_bytes}"
        yield Fault(kind, row.storage_key, detail, segment_id=key.segment_id if key else row.segment_id)


def _sizes(store: Store, rows: Iterable[Row]) -> Iterator[tuple[Row, int | None]]:
    """The rows with what their files measure, None for those that are missing."""
    with ThreadPoolExecutor(N_AT_ONCE) as pool:
        for batch in batches(rows, N_AT_ONCE * 8):
            yield from zip(batch, pool.map(_sizer(store), [row.storage_key for row in batch]), strict=True)


def _sizer(store: Store) -> Callable[[str], int | None]:
    def size(key: str) -> int | None:
        try:
            return store.size(key)
        except StoredFileMissing:
            return None

    return size


def _size_fault(row: Recording, size_bytes: int | None) -> Fault | None:
    if size_bytes == row.size_bytes:
        return None
    if size_bytes is None:
        return Fault(FaultKind.RECORDING_MISSING, row.storage_key, f"recording {row.id}; send it again", row.id)
    detail = f"recording {row.id}: {size_bytes} bytes, expected {row.size_bytes}"
    return Fault(FaultKind.RECORDING_SIZE, row.storage_key, detail, row.id)


def _is_still(context: JobContext, row: Recording) -> bool:
    with reading(context.sessions) as session:
        return queries.is_recording(session, row.id)


def _bytes(size_bytes: int | None) -> str:
    return "none" if size_bytes is None else f"{size_bytes} bytes"
