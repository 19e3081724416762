"""Reading recordings and correcting what is known of them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.cursors import behind, split
from app.api.edits import flush_unique
from app.api.etags import require_version
from app.drafting.queries import lock_recordings
from app.recordings.queries import detail, of_project, with_speakers
from app.recordings.schemas import RecordingDetail, RecordingEdit, RecordingRead, RecordingsQuery, SpeakerFields
from app.tasking.dialects import correct_dialect
from app.uploads.arrivals import lock_project
from models.recording import Recording
from models.speaker import Speaker

_NOT_COLUMNS = {"dialect", "dialect_reason", "speaker"}


def list_recordings(
    session: Session, project_id: UUID, wanted: RecordingsQuery
) -> tuple[list[RecordingRead], str | None]:
    """A page of a project's recordings, in the order of arrival."""
    query = behind(of_project(project_id, wanted), Recording, wanted)
    rows, next_cursor = split(session.scalars(query).all(), wanted)
    return with_speakers(session, rows), next_cursor


def edit_recording(
    session: Session, recording: Recording, body: RecordingEdit, *, author: str, if_match: str | None
) -> RecordingDetail:
    """Correct what is known of a recording; drafts and tasks follow a corrected dialect.

    Raises:
        ChangedMeanwhile: if_match names another version than the one that stands.
        Conflict: another recording of the project has the client's reference.
    """
    lock_project(session, recording.project_id)  # before its recordings, as whoever else writes to both does
    lock_recordings(session, [recording.id])
    require_version(if_match, version=recording.version, what="the recording")
    if "dialect" in body.model_fields_set:
        correct_dialect(session, recording, body.dialect, author, body.dialect_reason or "")
    for field in body.model_fields_set - _NOT_COLUMNS:
        setattr(recording, field, getattr(body, field))
    if "speaker" in body.model_fields_set:
        recording.speaker_id = None if body.speaker is None else _speaker(session, recording, body.speaker).id
    flush_unique(session, f"the project has a recording with the client's reference {body.client_reference!r} already")
    return detail(session, recording)


def _speaker(session: Session, recording: Recording, fields: SpeakerFields) -> Speaker:
    """The speaker of that pseudonym in the recording's project, made where there is none."""
    speaker = session.scalar(
        select(Speaker).where(Speaker.project_id == recording.project_id, Speaker.pseudonym == fields.pseudonym)
    )
    if speaker is None:
        speaker = Speaker(project_id=recording.project_id)
        session.add(speaker)
    for field in fields.model_fields_set:
        setattr(speaker, field, getattr(fields, field))
    session.flush()
    return speaker
