"""Segments: stretches of a recording that are drafted and corrected as one. They never change."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identified, choice
from models.values import CutKind


class Segment(Identified, Base):
    """`[start_ms, end_ms)` of one channel of a recording.

    Splitting, merging or moving an edge makes new segments that replace old ones: see `SegmentReplacement`.
    """

    __tablename__ = "segment"
    __table_args__ = (
        CheckConstraint("0 <= start_ms AND start_ms < end_ms", name="span"),
        Index(None, "recording_id", "channel", "start_ms"),
    )

    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recording.id"))
    channel: Mapped[int]
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    start_cut: Mapped[CutKind] = mapped_column(choice(CutKind))
    end_cut: Mapped[CutKind] = mapped_column(choice(CutKind))

    @property
    def duration_ms(self) -> int:
        """Its length."""
        return self.end_ms - self.start_ms


class SegmentReplacement(Base):
    """That one segment stands where another stood. A segment that is replaced is no longer current."""

    __tablename__ = "segment_replacement"

    segment_id: Mapped[UUID] = mapped_column(ForeignKey("segment.id"), primary_key=True)
    replaced_id: Mapped[UUID] = mapped_column(ForeignKey("segment.id"), primary_key=True, index=True)
