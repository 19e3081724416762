"""Segments with their drafts, in two statements a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.api.cursors import decode, split_by
from app.drafts.schemas import DraftRead, SegmentDetail, SegmentRead, SegmentsQuery
from app.segments.queries import is_current
from models.asr_model import AsrModel
from models.draft import Draft
from models.segment import Segment, SegmentReplacement

_OWN = tuple(name for name in SegmentRead.model_fields if name != "drafts")
_OF_MODEL = ("engine", "model", "model_revision")


def list_segments(session: Session, recording_id: UUID, wanted: SegmentsQuery) -> tuple[list[SegmentRead], str | None]:
    """A page of the segments that stand in a recording, by their start."""
    query = select(Segment).where(Segment.recording_id == recording_id, is_current())
    if wanted.channel is not None:
        query = query.where(Segment.channel == wanted.channel)
    if wanted.cursor is not None:
        place = decode(wanted.cursor)
        query = query.where(tuple_(Segment.start_ms, Segment.id) > tuple_(place.number, place.id))
    rows = session.scalars(query.order_by(Segment.start_ms, Segment.id).limit(wanted.limit + 1)).all()
    kept, next_cursor = split_by(rows, wanted, number=lambda segment: segment.start_ms)
    return with_drafts(session, kept), next_cursor


def with_drafts(session: Session, segments: Sequence[Segment]) -> list[SegmentRead]:
    """Segments as they are shown, in the same order."""
    drafts = drafts_of(session, [segment.id for segment in segments])
    return [SegmentRead(**own_fields(segment), drafts=drafts.get(segment.id, [])) for segment in segments]


def own_fields(segment: Segment) -> dict[str, Any]:
    """What a segment shows of itself."""
    return {name: getattr(segment, name) for name in _OWN}


def detail(session: Session, segment: Segment) -> SegmentDetail:
    """A segment with its drafts and its place in the chain of edits."""
    earlier = select(SegmentReplacement.replaced_id).where(SegmentReplacement.segment_id == segment.id)
    later = select(SegmentReplacement.segment_id).where(SegmentReplacement.replaced_id == segment.id)
    return SegmentDetail(
        **own_fields(segment),
        drafts=drafts_of(session, [segment.id]).get(segment.id, []),
        replaces=list(session.scalars(earlier.order_by(SegmentReplacement.replaced_id))),
        replaced_by=list(session.scalars(later.order_by(SegmentReplacement.segment_id))),
    )


def drafts_of(session: Session, segment_ids: Sequence[UUID]) -> dict[UUID, list[DraftRead]]:
    """The drafts of segments, the oldest first."""
    query = (
        select(Draft, AsrModel)
        .outerjoin(AsrModel, AsrModel.id == Draft.asr_model_id)
        .where(Draft.segment_id.in_(segment_ids))
        .order_by(Draft.created_at, Draft.id)
    )
    grouped = defaultdict(list)
    for draft, model in session.execute(query):
        grouped[draft.segment_id].append(_read(draft, model))
    return dict(grouped)


def _read(draft: Draft, model: AsrModel | None) -> DraftRead:
    own = {name: getattr(draft, name) for name in DraftRead.model_fields if name not in _OF_MODEL}
    return DraftRead(
        **own,
        engine=None if model is None else model.engine,
        model=None if model is None else model.name,
        model_revision=None if model is None else model.revision,
    )
