"""Making the clips of a recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

import models.values
from app.clips import queries
from app.clips.eviction import evict
from app.clips.files import ClipKey, ClipKind
from app.db import reading
from app.jobs.context import JobContext
from app.segments.queries import current_segments
from models.cached_file import CachedFile
from models.recording import Recording
from models.segment import Segment
from pipeline.clips import Clip, make_clips

N_AHEAD = 20
"""Segments after those that were asked for are made along with them: whoever hears one will hear the next."""
N_RECORDED_AT_ONCE = 50


def make_recording_clips(context: JobContext, recording_id: UUID, segment_ids: Sequence[UUID] = ()) -> int:
    """Make the clips of a recording that are not there; how many were made.

    segment_ids: those alone, and the ones behind them; empty: all, as far as the budget reaches.

    Raises:
        StoredFileMissing: the recording is not in the store.
        AudioUnreadable: it holds no sound that can be decoded.
    """
    with reading(context.sessions) as session:
        recording = session.get(Recording, recording_id)
        wanted = _wanted(_as_heard(current_segments(session, recording_id)), segment_ids)
        there = queries.ready(session, wanted)
    missing = [segment for segment in wanted if segment.id not in there]
    if recording is None or not missing:
        return 0
    n_made = _make(context, recording, missing)
    evict(context.sessions, context.store, budget_bytes=context.settings.clip_cache_bytes)
    return n_made


def _as_heard(segments: Sequence[Segment]) -> list[Segment]:
    """Whoever hears one hears next what was said next, on whichever channel."""
    return sorted(segments, key=lambda each: (each.start_ms, each.channel))


def _wanted(segments: list[Segment], ids: Sequence[UUID]) -> list[Segment]:
    if not ids:
        return segments
    places = [place for place, segment in enumerate(segments) if segment.id in set(ids)]
    ahead = segments[places[-1] + 1 : places[-1] + 1 + N_AHEAD] if places else []
    return [segments[place] for place in places] + ahead


def _make(context: JobContext, recording: Recording, missing: list[Segment]) -> int:
    n_made, n_bytes, fresh = 0, 0, []
    for segment, clip in _clips(context, recording, missing):
        fresh += _stored(context, ClipKey(recording.project_id, segment.id, ClipKind.OPUS), clip)
        n_made += 1
        n_bytes += len(clip.opus) + len(clip.peaks)
        if len(fresh) >= N_RECORDED_AT_ONCE:
            _record(context, fresh)
            fresh = []
        if context.is_cancelled() or n_bytes >= context.settings.clip_cache_bytes:
            break
    _record(context, fresh)
    return n_made


def _clips(context: JobContext, recording: Recording, missing: list[Segment]) -> Iterator[tuple[Segment, Clip]]:
    spans = [
        models.values.Segment(each.channel, models.values.Span(each.start_ms, each.end_ms)) for each in missing
    ]  # fmt: skip
    duration_ms = recording.duration_ms or missing[-1].end_ms
    with context.store.open_local(recording.storage_key) as path:
        yield from zip(missing, make_clips(path, spans, duration_ms=duration_ms), strict=True)


def _stored(context: JobContext, key: ClipKey, clip: Clip) -> list[CachedFile]:
    rows = []
    for kind, content in ((ClipKind.OPUS, clip.opus), (ClipKind.PEAKS, clip.peaks)):
        place = str(ClipKey(key.project_id, key.segment_id, kind))
        context.store.replace_bytes(place, content, content_type=kind.content_type)
        rows.append(CachedFile(storage_key=place, segment_id=key.segment_id, size_bytes=len(content)))
    return rows


def _record(context: JobContext, files: list[CachedFile]) -> None:
    if files:
        with context.transaction() as session:
            queries.record(session, files)
