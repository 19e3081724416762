"""A recording taken in: decoded once, judged, cut, and sent on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.db import insert_missing, reading
from app.drafting.queries import gets_drafts, lock_recordings
from app.drafting.requests import ask_for_drafts
from app.errors import AppError
from app.ingest.client_rows import client_drafts
from app.ingest.queries import first_with_sound
from app.jobs.context import JobContext
from app.jobs.errands import Enqueue, ask, tasking
from app.storage import Store
from app.uploads.arrivals import lock_project
from models.base import new_id
from models.draft import Draft
from models.project import Project
from models.recording import Recording, RecordingState
from models.segment import Segment
from pipeline.dialects.catalogue import all_dialects, get_dialect
from pipeline.errors import AudioUnreadable, UnknownDialect
from pipeline.intake import Intake, take_in
from pipeline.segmentation import SegmentRules, rules_for


class DialectChanged(AppError):
    """The dialect of a recording was corrected while it was being cut by the rules of the other."""

    status = 409
    retryable = True


@dataclass(frozen=True, slots=True)
class Fault:
    """Why nothing can be made of a file."""

    reason: str


def ingest(context: JobContext, recording_id: UUID, *, enqueue: Enqueue) -> None:
    """Decode a recording and cut it into segments, once: one that was taken in already is left as it is.

    Raises:
        StorageError: the store's fault, or the file is gone from it; the recording waits.
        DialectChanged: to be done again by the rules of the new dialect.
    """
    with reading(context.sessions) as session:
        recording = session.get(Recording, recording_id)
    if recording is None or recording.state is not RecordingState.RECEIVED:
        return
    heard = _heard(context.store, recording)
    with context.transaction() as session:
        project = lock_project(session, recording.project_id)  # two files with one sound are told apart here
        (current,) = lock_recordings(session, [recording_id])
        if current.state is not RecordingState.RECEIVED:
            return
        if current.dialect != recording.dialect:
            raise DialectChanged(f"recording {recording_id} is now in {current.dialect!r}")
        if isinstance(heard, Fault):
            current.state, current.fault = RecordingState.BROKEN, heard.reason
        else:
            _keep(session, current, heard)
        _send_on(session, project, current, enqueue=enqueue)


def cutting_rules(dialect: str | None) -> SegmentRules:
    """How recordings of a dialect are cut; where it is not known, so that every dialect's longest segment holds."""
    try:
        known = get_dialect(dialect) if dialect else None
    except UnknownDialect:
        known = None
    return rules_for(known or min(all_dialects(), key=lambda each: each.longest_segment_ms))


def _heard(store: Store, recording: Recording) -> Intake | Fault:
    with store.open_local(recording.storage_key) as path:
        with path.open("rb"):
            pass  # a disk that fails is the store's fault, not the file's
        try:
            intake = take_in(path, cutting_rules(recording.dialect))
        except AudioUnreadable as fault:
            return Fault(f"{fault.reason}. {fault.remedy}".replace(str(path), "the file"))
    found = intake.probe.file_sha256
    if found != recording.sha256:
        return Fault(f"the stored file hashes to {found}, but {recording.sha256} was received. Send it again")
    return intake


def _keep(session: Session, recording: Recording, intake: Intake) -> None:
    """Write down what was heard; the same sound as of another recording of the project is linked to it."""
    probe = intake.probe
    recording.sound_sha256 = probe.samples_sha256
    recording.duration_ms = max(channel.duration_ms for channel in probe.channels)
    recording.n_channels = len(probe.channels)
    recording.container = probe.format.container
    recording.quality = [{**asdict(channel), "is_truncated": probe.is_truncated} for channel in probe.channels]
    first = first_with_sound(session, recording.project_id, probe.samples_sha256)
    if first is not None:
        recording.state, recording.duplicate_of_id = RecordingState.DUPLICATE, first
        return
    segments = [
        Segment(
            id=new_id(), recording_id=recording.id, channel=segment.channel, start_ms=segment.span.start_ms,
            end_ms=segment.span.end_ms, start_cut=segment.start_cut, end_cut=segment.end_cut,
        )
        for channel in intake.segments for segment in channel
    ]  # fmt: skip
    session.add_all(segments)
    session.flush()
    if recording.client_draft:
        insert_missing(session, Draft, client_drafts(recording.client_draft, segments))
    if not segments:
        recording.state = RecordingState.READY
    elif gets_drafts(session, recording.id):
        recording.state = RecordingState.SEGMENTED
    else:
        recording.state = RecordingState.DRAFTED


def _send_on(session: Session, project: Project, recording: Recording, *, enqueue: Enqueue) -> None:
    """Ask for what follows. Whatever is not drafted may be the last on its way that a smaller task was waiting for."""
    session.flush()
    if recording.state is RecordingState.SEGMENTED:
        ask_for_drafts(session, project, priority=recording.priority, enqueue=enqueue)
    else:
        ask(session, tasking(project.id, recording.dialect), priority=recording.priority, enqueue=enqueue)
