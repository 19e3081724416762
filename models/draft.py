"""Drafts: what a machine, or the client, wrote before any person of ours heard the segment. They never change."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identified, choice, now, refers_to, where
from models.values import NoDraftReason


class DraftSource(StrEnum):
    """Who wrote a draft."""

    MACHINE = "machine"
    CLIENT = "client"


class Draft(Identified, Base):
    """A text for one segment, or why there is none: then `text` is None and `no_draft_reason` is set.

    dialect: what the segment was taken to be spoken in; None where the client wrote. A recording whose dialect is
    corrected may get another draft of the same model.
    words: [{text, start_ms, end_ms, confidence}] in recording time. flags: values of DraftFlag.
    """

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint("(text IS NULL) = (no_draft_reason IS NOT NULL)", name="text_or_reason"),
        CheckConstraint("(source = 'machine') = (asr_model_id IS NOT NULL)", name="machine_has_model"),
        CheckConstraint("(source = 'machine') = (dialect IS NOT NULL)", name="machine_has_dialect"),
        Index("uq_draft_segment_id_asr_model_id_dialect", "segment_id", "asr_model_id", "dialect", unique=True),
        Index("uq_draft_segment_id_client", "segment_id", unique=True, **where("source = 'client'")),
    )

    segment_id: Mapped[UUID] = mapped_column(refers_to("segment.id"))
    asr_model_id: Mapped[UUID | None] = mapped_column(refers_to("asr_model.id"))
    dialect: Mapped[str | None]
    source: Mapped[DraftSource] = mapped_column(choice(DraftSource))
    text: Mapped[str | None]
    no_draft_reason: Mapped[NoDraftReason | None] = mapped_column(choice(NoDraftReason))
    no_draft_detail: Mapped[str | None]
    language: Mapped[str | None]
    average_logprob: Mapped[float | None]
    no_speech_probability: Mapped[float | None]
    n_tokens: Mapped[int] = mapped_column(default=0)
    temperature: Mapped[float] = mapped_column(default=0.0)
    words: Mapped[list[Any]] = mapped_column(default=list)
    flags: Mapped[list[Any]] = mapped_column(default=list)


class DraftClaim(Base):
    """That a batch of drafting has taken a segment, until `expires_at`; the row goes when its draft is written."""

    __tablename__ = "draft_claim"
    __table_args__ = (Index(None, "expires_at", "model"),)

    segment_id: Mapped[UUID] = mapped_column(refers_to("segment.id"), primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(index=True)
    expires_at: Mapped[datetime] = mapped_column(default=now)
