"""Answers to requests that may be sent again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now


class IdempotentAnswer(Base):
    """What was answered to a POST under a client's key. fingerprint: sha256 of the request's method, path and body."""

    __tablename__ = "idempotent_answer"

    principal: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int | None]
    body: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
