"""Making again what can be made again, and clearing away what nobody was promised; never a client's audio."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from app.clips.files import ClipKind, clip_key_of
from app.clips.making import make_recording_clips
from app.clips.queries import forget
from app.consistency import queries
from app.consistency.faults import Fault, FaultKind
from app.consistency.strays import parts_of
from app.db import reading, transaction
from app.errors import AppError
from app.jobs.context import JobContext
from app.storage_folder import FolderStore
from app.uploads.faults import UploadBusy
from pipeline.errors import PipelineError

DAMAGED_CLIPS = frozenset({FaultKind.CLIP_MISSING, FaultKind.CLIP_SIZE})


def repair(context: JobContext, faults: Sequence[Fault]) -> list[Fault]:
    """The faults, each with whether it is no more."""
    _remake(context, [fault for fault in faults if fault.kind in DAMAGED_CLIPS])
    return [replace(fault, is_repaired=_is_repaired(context, fault)) for fault in faults]


def _is_repaired(context: JobContext, fault: Fault) -> bool:
    match fault.kind:
        case FaultKind.CLIP_MISSING | FaultKind.CLIP_SIZE:
            return True
        case FaultKind.CLIP_UNRECORDED:
            return _drop_unrecorded(context, fault.place)
        case FaultKind.LEFT_OVER:
            return _clear_left_over(context, fault.place)
        case FaultKind.UPLOAD_STRAY:
            return _drop_stray(context, UUID(fault.place))
        case _:
            return False


def _remake(context: JobContext, faults: Sequence[Fault]) -> None:
    """Forget damaged clips and make them again, in one pass for each recording.

    Where that fails, the recording is missing or damaged, a fault of its own; the clip is made when it is asked for.
    """
    keys = [key for fault in faults if (key := clip_key_of(fault.place)) is not None]
    files = sorted({str(replace(key, kind=kind)) for key in keys for kind in ClipKind})
    with transaction(context.sessions) as session:
        forget(session, files)
        recordings = queries.recordings_of_segments(session, {key.segment_id for key in keys})
    for file in files:
        context.store.delete(file)
    by_recording: dict[UUID, list[UUID]] = {}
    for segment_id, recording_id in recordings.items():
        by_recording.setdefault(recording_id, []).append(segment_id)
    for recording_id, segment_ids in by_recording.items():
        with suppress(AppError, PipelineError):
            make_recording_clips(context, recording_id, segment_ids)


def _drop_unrecorded(context: JobContext, key: str) -> bool:
    """A clip without a row counts towards no budget; it is made again when it is asked for."""
    with reading(context.sessions) as session:
        is_recorded = bool(queries.known_clips(session, [key]))
    if not is_recorded:
        context.store.delete(key)
    return True


def _clear_left_over(context: JobContext, name: str) -> bool:
    if not isinstance(context.store, FolderStore):
        return False
    found = next((path for path in context.store.unfinished() if path.name == name), None)
    if found is not None:
        found.unlink(missing_ok=True)
    return True


def _drop_stray(context: JobContext, upload_id: UUID) -> bool:
    parts = parts_of(context.settings)
    try:
        with parts.locked(upload_id):
            with reading(context.sessions) as session:
                if queries.is_open(session, upload_id):
                    return True
            parts.drop(upload_id)
    except UploadBusy:
        return False
    return True
