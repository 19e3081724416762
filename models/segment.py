"""Segments: stretches of a recording that are drafted and corrected as one. They never change."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identified, choice, refers_to
from models.values import CutKind


class Segment(Identified, Base):
    """`[start_ms, end_ms)` of one channel of a recording.

    Splitting, merging or moving an edge makes new segments that replace old ones: see `SegmentReplacement`.
    author: who cut it; None where a machine did.
    """

    __tablename__ = "segment"
    __table_args__ = (
        CheckConstraint("0 <= start_ms AND start_ms < end_ms", name="span"),
        CheckConstraint("channel >= 0", name="channel"),
        Index(None, "recording_id", "channel", "start_ms"),
    )

    recording_id: Mapped[UUID] = mapped_column(refers_to("recording.id"))
    channel: Mapped[int]
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    start_cut: Mapped[CutKind] = mapped_column(choice(CutKind, "start_cut"))
    end_cut: Mapped[CutKind] = mapped_column(choice(CutKind, "end_cut"))
    author: Mapped[str | None]

    @property
    def duration_ms(self) -> int:
        """Its length."""
        return self.end_ms - self.start_ms


class SegmentReplacement(Base):
    """That one segment stands where another stood. A segment that is replaced is no longer current."""

    __tablename__ = "segment_replacement"
    __table_args__ = (CheckConstraint("segment_id <> replaced_id", name="not_itself"),)

    segment_id: Mapped[UUID] = mapped_column(refers_to("segment.id"), primary_key=True)
    replaced_id: Mapped[UUID] = mapped_column(refers_to("segment.id"), primary_key=True, index=True)
