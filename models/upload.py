"""Uploads under way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Edited, choice, refers_to


class UploadState(StrEnum):
    """How far an upload has come."""

    OPEN = "open"
    COMPLETE = "complete"
    TERMINATED = "terminated"
    EXPIRED = "expired"


class Upload(Edited, Base):
    """A file on its way. offset_bytes: how much lies safely on disk. facts: the row of the manifest, validated.

    sha256: what the client says that the whole file hashes to, if it said so.
    """

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("0 <= offset_bytes AND offset_bytes <= size_bytes", name="offset"),
        Index(None, "state", "expires_at"),
        Index(None, "project_id", "sha256"),
        Index(None, "project_id", "file_name"),
        Index(None, "project_id", "created_at", "id"),
    )

    project_id: Mapped[UUID] = mapped_column(refers_to("project.id"))
    recording_id: Mapped[UUID | None] = mapped_column(refers_to("recording.id"), index=True)
    state: Mapped[UploadState] = mapped_column(choice(UploadState), default=UploadState.OPEN)
    file_name: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    offset_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str | None]
    facts: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]
