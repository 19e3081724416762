"""Clips made before anybody asks, so that whoever takes a task hears it at once. Never in place of clips in use."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from app.clips import queries
from app.db import reading
from app.jobs.context import JobContext
from app.jobs.errands import Enqueue
from app.jobs.queues import LAST_PRIORITY, JobName, Queue
from app.storage import StoredFileMissing
from models.recording import Recording
from pipeline.errors import PipelineError

DELAY_S = 120.0
"""While a batch of recordings comes in, the processor is wanted for cutting and drafting them."""
N_RECORDINGS_A_JOB = 20
_BYTES_A_SECOND = 5_000
"""Of clips: Opus at 24 kbit/s, its container, peaks, and what neighbours share."""
_log = logging.getLogger("boli.clips")


def ask_ahead(session: Session, recording_ids: Sequence[UUID], *, enqueue: Enqueue) -> None:
    """Have the clips of recordings made after everything that somebody waits for."""
    for start in range(0, len(recording_ids), N_RECORDINGS_A_JOB):
        ids = [str(each) for each in recording_ids[start : start + N_RECORDINGS_A_JOB]]
        enqueue(
            session, JobName.CLIPS_AHEAD, ids, key=f"{JobName.CLIPS_AHEAD} {ids[0]}", queue=Queue.CLIP,
            priority=LAST_PRIORITY, delay_s=DELAY_S,
        )  # fmt: skip


def make_ahead(context: JobContext, recording_ids: Sequence[UUID]) -> int:
    """Make the clips of recordings as far as the budget has room for them; how many were made.

    A recording whose clips cannot be made is passed over: whoever asks for one is told why.
    """
    from app.clips.making import make_recording_clips  # it decodes; who only asks needs no decoder

    n_made = 0
    for recording_id in recording_ids:
        if context.is_cancelled() or not _has_room(context, recording_id):
            break
        try:
            n_made += make_recording_clips(context, recording_id)
        except (PipelineError, StoredFileMissing) as error:
            _log.warning("no clips of recording %s: %s", recording_id, type(error).__name__)
    return n_made


def _has_room(context: JobContext, recording_id: UUID) -> bool:
    with reading(context.sessions) as session:
        recording = session.get(Recording, recording_id)
        used_bytes = queries.cached_bytes(session)
    needed_bytes = (recording.duration_ms or 0) * _BYTES_A_SECOND // 1_000 if recording else 0
    return used_bytes + needed_bytes <= context.settings.clip_cache_bytes
