"""Recordings: the client's audio, what is known of it, and how far it has come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Edited, Identified, choice, refers_to


class RecordingState(StrEnum):
    """How far a recording has come."""

    RECEIVED = "received"
    """Stored whole; nothing is known of its sound."""
    SEGMENTED = "segmented"
    """Decoded and cut; its segments wait for drafts, if it is drafted at all."""
    DRAFTED = "drafted"
    """Each segment has a draft, or a reason why not, or goes to people blank."""
    READY = "ready"
    """Each segment lies in a task."""
    BROKEN = "broken"
    """`fault` says why nothing can be made of it."""
    DUPLICATE = "duplicate"
    """The same sound lies in the project already: `duplicate_of_id`."""


class Recording(Edited, Base):
    """One file of a client.

    sha256: of the file. sound_sha256: of the decoded samples, None until decoded. client_reference: the client's id.
    quality: figures per channel as `boli probe` gives them. priority: lower is sooner. client_draft: what the client
    sent along, {"text"} of the whole or {"utterances": [{start_ms, end_ms, text, channel from 0 or none}]}.
    """

    __tablename__ = "recording"
    __table_args__ = (
        UniqueConstraint("project_id", "client_reference"),
        CheckConstraint("size_bytes >= 0 AND duration_ms >= 0 AND n_channels >= 0", name="sizes"),
        CheckConstraint("state <> 'broken' OR fault IS NOT NULL", name="broken_has_fault"),
        CheckConstraint("state <> 'duplicate' OR duplicate_of_id IS NOT NULL", name="duplicate_of_another"),
        Index(None, "project_id", "state"),
        Index(None, "project_id", "created_at", "id"),
        Index(None, "state", "updated_at"),
        Index(None, "project_id", "sha256"),
        Index(None, "project_id", "sound_sha256"),
    )

    project_id: Mapped[UUID] = mapped_column(refers_to("project.id"))
    speaker_id: Mapped[UUID | None] = mapped_column(refers_to("speaker.id"), index=True)
    duplicate_of_id: Mapped[UUID | None] = mapped_column(refers_to("recording.id"), index=True)
    state: Mapped[RecordingState] = mapped_column(choice(RecordingState), default=RecordingState.RECEIVED)
    fault: Mapped[str | None]

    file_name: Mapped[str]
    storage_key: Mapped[str]
    sha256: Mapped[str]
    sound_sha256: Mapped[str | None]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[int | None] = mapped_column(BigInteger)
    n_channels: Mapped[int | None]
    container: Mapped[str | None]
    quality: Mapped[list[Any] | None]
    client_draft: Mapped[dict[str, Any] | None]

    dialect: Mapped[str | None]
    country: Mapped[str | None]
    state_or_province: Mapped[str | None]
    district: Mapped[str | None]
    device: Mapped[str | None]
    environment: Mapped[str | None]
    client_reference: Mapped[str | None]

    priority: Mapped[int] = mapped_column(default=100)
    due_at: Mapped[datetime | None]


class DialectChange(Identified, Base):
    """That somebody corrected the dialect of a recording: rows are only added."""

    __tablename__ = "dialect_change"

    recording_id: Mapped[UUID] = mapped_column(refers_to("recording.id"), index=True)
    before: Mapped[str | None]
    after: Mapped[str | None]
    author: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
