"""Clips for whoever works on segments: where to fetch them, or that they are being made."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.clips import queries
from app.clips.files import ClipKey, ClipKind
from app.db import reading, transaction
from app.deps import Runtime
from app.jobs.errands import Enqueue
from app.jobs.queues import FIRST_PRIORITY, JobName, Queue
from app.signing import LinkInvalid, Signer, next_expiry
from app.storage import StoredFileMissing
from models.recording import Recording
from models.segment import Segment
from models.values import Span
from pipeline.clip_span import clip_span

ASKED_AGAIN_S = 60
"""Whoever keeps asking for a clip gets another job once a minute, in case that the last one died."""


@dataclass(frozen=True, slots=True)
class ClipLinks:
    """Where a segment can be heard. Both addresses are None while its clip is being made."""

    segment_id: UUID
    start_ms: int
    end_ms: int
    audio_url: str | None
    peaks_url: str | None
    expires_at: datetime


def links(
    runtime: Runtime, segments: Sequence[Segment], *, principal: str, signer: Signer, enqueue: Enqueue, base: str
) -> list[ClipLinks]:
    """Addresses of the clips of some segments, in order; those that are not there are asked for.

    base: the path below which the service hands out clips, where the store cannot do so itself.
    """
    with reading(runtime.sessions) as session:
        recordings = queries.recordings_of(session, segments)
        ready = queries.ready(session, segments)
    missing = [segment for segment in segments if segment.id not in ready]
    stale = queries.stale(file for files in ready.values() for file in files.values())
    if missing or stale:
        with transaction(runtime.sessions) as session:
            queries.touch(session, stale)
            ask(session, missing, enqueue=enqueue)
    maker = _LinkMaker(runtime, signer, principal, base, next_expiry())
    return [maker.links(each, recordings[each.recording_id], is_ready=each.id in ready) for each in segments]


def ask(session: Session, segments: Sequence[Segment], *, enqueue: Enqueue) -> None:
    """Have the clips of some segments made before other clips, one job for each recording."""
    by_recording: dict[UUID, list[str]] = {}
    for segment in segments:
        by_recording.setdefault(segment.recording_id, []).append(str(segment.id))
    for recording_id, ids in by_recording.items():
        told_apart = hashlib.sha256(" ".join(ids).encode()).hexdigest()[:16]
        key = f"{JobName.CLIPS} {recording_id} {told_apart} {int(time.time()) // ASKED_AGAIN_S}"
        enqueue(
            session, JobName.CLIPS, [str(recording_id), *ids],
            key=key, queue=Queue.CLIP, priority=FIRST_PRIORITY,
        )  # fmt: skip


def clip_bytes(runtime: Runtime, segment_id: UUID, kind: ClipKind) -> bytes:
    """A file of a clip, whole: it is small.

    Raises:
        LinkInvalid: it is gone; whoever asks for new addresses has it made again.
    """
    with reading(runtime.sessions) as session:
        segment = session.get(Segment, segment_id)
        recording = session.get(Recording, segment.recording_id) if segment is not None else None
        file = queries.ready(session, [segment]).get(segment_id, {}).get(kind) if segment is not None else None
    if recording is None or file is None:
        raise LinkInvalid
    try:
        content = runtime.store.read_range(file.storage_key, 0, file.size_bytes + 1)
    except StoredFileMissing:
        content = b""
    if len(content) != file.size_bytes:  # a power cut took it: clips are not synced
        with transaction(runtime.sessions) as session:
            queries.forget(session, [file.storage_key])
        raise LinkInvalid
    return content


def resource(segment_id: UUID, kind: ClipKind) -> str:
    """What an address of ours gives access to."""
    return f"clip {segment_id} {kind.value}"


@dataclass(frozen=True, slots=True)
class _LinkMaker:
    runtime: Runtime
    signer: Signer
    principal: str
    base: str
    expires: int

    def links(self, segment: Segment, recording: Recording, *, is_ready: bool) -> ClipLinks:
        span = clip_span(
            Span(segment.start_ms, segment.end_ms), duration_ms=recording.duration_ms or segment.end_ms
        )  # fmt: skip
        audio, peaks = (
            self._url(recording.project_id, segment.id, kind) if is_ready else None for kind in ClipKind
        )  # fmt: skip
        expires_at = datetime.fromtimestamp(self.expires, UTC)
        return ClipLinks(segment.id, span.start_ms, span.end_ms, audio, peaks, expires_at)

    def _url(self, project_id: UUID, segment_id: UUID, kind: ClipKind) -> str:
        expires_in = timedelta(seconds=self.expires - int(time.time()))
        theirs = self.runtime.store.signed_url(str(ClipKey(project_id, segment_id, kind)), expires_in=expires_in)
        if theirs is not None:
            return theirs
        signature = self.signer.signature(
            resource(segment_id, kind), expires=self.expires, principal=self.principal
        )  # fmt: skip
        ending = "/peaks" if kind is ClipKind.PEAKS else ""
        return f"{self.base}/{segment_id}{ending}?expires={self.expires}&signature={signature}"
