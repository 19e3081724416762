"""Recordings that came in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.recording import Recording, RecordingState

_HEARD = (RecordingState.SEGMENTED, RecordingState.DRAFTED, RecordingState.READY)


def first_with_sound(session: Session, project_id: UUID, sound_sha256: str) -> UUID | None:
    """The recording of a project that was taken in with this sound."""
    query = select(Recording.id).where(
        Recording.project_id == project_id, Recording.sound_sha256 == sound_sha256, Recording.state.in_(_HEARD)
    )
    return session.scalars(query.order_by(Recording.created_at, Recording.id).limit(1)).one_or_none()


def missed_recordings(session: Session, *, before: datetime) -> Sequence[Recording]:
    """Recordings that came in before some time and were not taken in since."""
    query = select(Recording).where(Recording.state == RecordingState.RECEIVED, Recording.updated_at < before)
    return session.scalars(query.order_by(Recording.priority, Recording.created_at).limit(1_000)).all()
