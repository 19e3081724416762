"""Segments split, merged, and their edges moved: new rows in the place of old ones, and open tasks follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import AppError, Conflict, NotFound
from app.segments.queries import current_segments, replacements_of
from app.segments.tasks import follow
from models import values
from models.base import new_id
from models.recording import Recording
from models.segment import Segment, SegmentReplacement
from models.values import Span
from pipeline import segment_edits
from pipeline.dialects.catalogue import get_dialect
from pipeline.errors import UnknownDialect
from pipeline.segment_edits import Edge, Edit, EditRefused, EditRules, Placed

LONGEST_MS = 30_000
"""Where the dialect is not known: what Whisper hears at once."""
Tiling = Sequence[Placed[UUID]]


class SegmentReplaced(Conflict):
    """An edit of a segment that another edit has replaced meanwhile."""

    title = "The segment was replaced meanwhile"


class EditImpossible(AppError):
    """An edit that would break the tiling."""

    status = 422
    title = "The segment cannot be edited so"


def split_segment(
    session: Session, recording_id: UUID, segment_id: UUID, *, at_ms: int, author: str
) -> Sequence[Segment]:  # fmt: skip
    """Cut a segment in two. The new ones are sorted by time; author: who cuts.

    Raises:
        NotFound: the recording has no such segment.
        SegmentReplaced: it no longer stands.
        EditImpossible: names what would break.
    """
    tiling, rules = _locked(session, recording_id, [segment_id])
    with _refusals():
        edit = segment_edits.split(tiling, segment_id, at_ms, rules)
    return _carry_out(session, recording_id, edit, author=author)


def merge_segments(
    session: Session, recording_id: UUID, segment_ids: Sequence[UUID], *, author: str
) -> Sequence[Segment]:  # fmt: skip
    """Make one of neighbours. Raises as `split_segment`, and Conflict where they lie in tasks of several people."""
    tiling, rules = _locked(session, recording_id, segment_ids)
    with _refusals():
        edit = segment_edits.merge(tiling, segment_ids, rules)
    return _carry_out(session, recording_id, edit, author=author)


def move_edge(
    session: Session, recording_id: UUID, segment_id: UUID, *, edge: Edge, to_ms: int, author: str
) -> Sequence[Segment]:  # fmt: skip
    """Move an end of a segment, and the neighbour's that touches it. Raises as `split_segment`."""
    tiling, rules = _locked(session, recording_id, [segment_id])
    with _refusals():
        edit = segment_edits.move_edge(tiling, segment_id, edge, to_ms=to_ms, rules=rules)
    return _carry_out(session, recording_id, edit, author=author)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except EditRefused as error:
        raise EditImpossible(str(error)) from error


def _locked(session: Session, recording_id: UUID, segment_ids: Sequence[UUID]) -> tuple[Tiling, EditRules]:
    """The tiling of the channel that the segments lie in. Edits of one recording wait for each other."""
    locked = select(Recording).where(Recording.id == recording_id).with_for_update(key_share=True)
    recording = session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    segments = [session.get(Segment, segment_id) for segment_id in segment_ids]
    for segment_id, segment in zip(segment_ids, segments, strict=True):
        if recording is None or segment is None or segment.recording_id != recording_id:
            raise NotFound(f"recording {recording_id} has no segment {segment_id}")
    channels = {segment.channel for segment in segments if segment}
    if recording is None or len(channels) != 1:
        raise EditImpossible(f"expected segments of one channel, got {sorted(channels)}")
    standing = current_segments(session, recording_id, channel=channels.pop())
    _refuse_stale(session, segment_ids, {segment.id for segment in standing})
    return [_placed(segment) for segment in standing], _rules(recording)


def _refuse_stale(session: Session, segment_ids: Sequence[UUID], standing: set[UUID]) -> None:
    for segment_id in segment_ids:
        if segment_id not in standing:
            instead = ", ".join(str(each) for each in replacements_of(session, segment_id))
            raise SegmentReplaced(f"segment {segment_id} no longer stands: {instead} stand in its place")


def _placed(segment: Segment) -> Placed[UUID]:
    span = Span(segment.start_ms, segment.end_ms)
    return Placed(segment.id, values.Segment(segment.channel, span, segment.start_cut, segment.end_cut))


def _rules(recording: Recording) -> EditRules:
    try:
        longest_ms = get_dialect(recording.dialect).longest_segment_ms if recording.dialect else LONGEST_MS
    except UnknownDialect:
        longest_ms = LONGEST_MS
    return EditRules(duration_ms=recording.duration_ms, longest_ms=longest_ms)


def _carry_out(session: Session, recording_id: UUID, edit: Edit[UUID], *, author: str) -> Sequence[Segment]:
    made = [
        Segment(
            id=new_id(), recording_id=recording_id, channel=part.channel, start_ms=part.span.start_ms,
            end_ms=part.span.end_ms, start_cut=part.start_cut, end_cut=part.end_cut, author=author,
        )
        for part in edit.replacements
    ]  # fmt: skip
    session.add_all(made)
    session.add_all(
        SegmentReplacement(segment_id=new.id, replaced_id=old.key)
        for new in made
        for old in edit.replaced
        if new.start_ms < old.span.end_ms and old.span.start_ms < new.end_ms
    )
    session.flush()
    follow(session, [placed.key for placed in edit.replaced], made)
    return made
