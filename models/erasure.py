"""The one door through which rows that never change may leave."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now, refers_to


class ErasureGrant(Base):
    """That the transaction under way erases a recording: triggers let its drafts, revisions and segments go.

    No commit passes while a grant is there: `shut_by` points at a row that the checks forbid, and foreign keys are
    checked at the commit. So the door opens within one transaction, for one recording, and nobody else sees it open.
    """

    __tablename__ = "erasure_grant"
    __table_args__ = (
        CheckConstraint("id > 0", name="id"),
        CheckConstraint("shut_by = 0", name="shut_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(unique=True)
    reason: Mapped[str]
    opened_at: Mapped[datetime] = mapped_column(default=now)
    shut_by: Mapped[int] = mapped_column(refers_to("erasure_grant.id"), default=0)
