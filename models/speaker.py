"""Speakers, by pseudonym."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Edited, refers_to


class Speaker(Edited, Base):
    """Whoever is heard, known within one project by a pseudonym. What is unknown is None."""

    __tablename__ = "speaker"
    __table_args__ = (UniqueConstraint("project_id", "pseudonym"),)

    project_id: Mapped[UUID] = mapped_column(refers_to("project.id"))
    pseudonym: Mapped[str]
    gender: Mapped[str | None]
    age_band: Mapped[str | None]
    first_language: Mapped[str | None]
    consent_reference: Mapped[str | None]
