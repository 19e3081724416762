"""Files that can be made again: clips and peaks for the browser."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now, refers_to


class CachedFile(Base):
    """A stored file that may be dropped when the budget is spent, the longest unused first."""

    __tablename__ = "cached_file"

    storage_key: Mapped[str] = mapped_column(primary_key=True)
    segment_id: Mapped[UUID] = mapped_column(refers_to("segment.id"), index=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[datetime] = mapped_column(default=now, index=True)
