"""Organisations: whoever owns projects and the audio in them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Edited


class Organisation(Edited, Base):
    """A client or a hub. Limits: None is no limit."""

    __tablename__ = "organisation"
    __table_args__ = (Index(None, "created_at", "id"),)

    name: Mapped[str] = mapped_column(unique=True)
    max_stored_bytes: Mapped[int | None] = mapped_column(BigInteger)
    max_file_bytes: Mapped[int | None] = mapped_column(BigInteger)
    max_open_uploads: Mapped[int | None]
