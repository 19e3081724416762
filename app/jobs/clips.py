"""The job that makes clips: a recording id, and the ids of the segments that are wanted first, if any."""

from __future__ import annotations

from uuid import UUID

from app.jobs.context import JobContext
from app.jobs.queues import JobName, Queue
from app.jobs.registry import job


@job(JobName.CLIPS, Queue.CLIP)
def clips(context: JobContext, ids: list[str]) -> None:
    """Make the clips of a recording that are not there."""
    from app.clips.making import make_recording_clips

    recording_id, *segment_ids = (UUID(each) for each in ids)
    make_recording_clips(context, recording_id, segment_ids)
