"""The models that wrote drafts."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from models.base import Base, Identified


class AsrModel(Identified, Base):
    """Weights run by an engine. revision: first 12 hex digits of their sha256, or what a service calls its model."""

    __tablename__ = "asr_model"
    __table_args__ = (UniqueConstraint("engine", "name", "revision"),)

    engine: Mapped[str]
    name: Mapped[str]
    revision: Mapped[str]
    licence: Mapped[str | None]
