"""The jobs that make clips: those that somebody waits for, and those that somebody will want."""

from __future__ import annotations

from uuid import UUID

from app.jobs.context import JobContext
from app.jobs.queues import JobName, Queue
from app.jobs.registry import job


@job(JobName.CLIPS, Queue.CLIP)
def clips(context: JobContext, ids: list[str]) -> None:
    """Make the clips of a recording that are not there: its id, and the ids of the segments that are wanted first."""
    from app.clips.making import make_recording_clips

    recording_id, *segment_ids = (UUID(each) for each in ids)
    make_recording_clips(context, recording_id, segment_ids)


@job(JobName.CLIPS_AHEAD, Queue.CLIP)
def clips_ahead(context: JobContext, ids: list[str]) -> None:
    """Make the clips of these recordings as far as there is room for them."""
    from app.clips.ahead import make_ahead

    make_ahead(context, [UUID(each) for each in ids])
