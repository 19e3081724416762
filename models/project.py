"""Projects, and the dialects that each works in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Edited, choice, now, refers_to


class TextTier(StrEnum):
    """What the people of a project write."""

    VERBATIM = "verbatim"
    NORMALISED = "normalised"
    BOTH = "both"


class Project(Edited, Base):
    """A client's work: recordings in some dialects, drafted by one model, by one set of guidelines.

    model: what `boli transcribe --model` takes. retention_days: None keeps for ever. due_at: the client's deadline.
    """

    __tablename__ = "project"
    __table_args__ = (
        UniqueConstraint("organisation_id", "name"),
        Index(None, "created_at", "id"),
        Index(None, "organisation_id", "created_at", "id"),
    )

    organisation_id: Mapped[UUID] = mapped_column(refers_to("organisation.id"))
    name: Mapped[str]
    text_tier: Mapped[TextTier] = mapped_column(choice(TextTier), default=TextTier.VERBATIM)
    guidelines: Mapped[str] = mapped_column(default="")
    model: Mapped[str] = mapped_column(default="demo")
    is_drafted: Mapped[bool] = mapped_column(default=True)
    region: Mapped[str | None]
    retention_days: Mapped[int | None]
    due_at: Mapped[datetime | None]


class ProjectDialect(Base):
    """A dialect of a project. is_drafted: None follows the project. target_hours: what the client asked for."""

    __tablename__ = "project_dialect"

    project_id: Mapped[UUID] = mapped_column(refers_to("project.id"), primary_key=True)
    dialect: Mapped[str] = mapped_column(primary_key=True)
    is_drafted: Mapped[bool | None]
    target_hours: Mapped[float | None]


class ProjectModel(Base):
    """A model that drafts a project's recordings beside the project's own, those there and those to come."""

    __tablename__ = "project_model"

    project_id: Mapped[UUID] = mapped_column(refers_to("project.id"), primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    requested_at: Mapped[datetime] = mapped_column(default=now)
