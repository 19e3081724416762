"""Revisions: what people wrote, each on top of the one before. Rows are only added."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identified, refers_to


class Revision(Identified, Base):
    """A person's text of one segment. client_id: made where it was written, so that sending it twice is harmless.

    listened_share: how much of the segment was heard, in [0, 1].
    """

    __tablename__ = "revision"
    __table_args__ = (
        CheckConstraint("listened_share BETWEEN 0 AND 1", name="share"),
        CheckConstraint("n_keystrokes >= 0 AND active_ms >= 0", name="effort"),
        Index(None, "segment_id", "created_at"),
        Index("uq_revision_segment_id_client_id", "segment_id", "client_id", unique=True),
    )

    segment_id: Mapped[UUID] = mapped_column(refers_to("segment.id"))
    parent_id: Mapped[UUID | None] = mapped_column(refers_to("revision.id"), index=True)
    client_id: Mapped[UUID]
    author: Mapped[str]
    text: Mapped[str]
    tags: Mapped[list[Any]] = mapped_column(default=list)
    n_keystrokes: Mapped[int] = mapped_column(default=0)
    active_ms: Mapped[int] = mapped_column(default=0)
    listened_share: Mapped[float | None]
