"""What waits for a model's draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.segments.queries import is_current
from models.draft import Draft, DraftClaim
from models.project import Project, ProjectDialect, ProjectModel
from models.recording import Recording, RecordingState
from models.segment import Segment

Columns = TypeVarTuple("Columns")

_MOST_AT_ONCE = 1_000

HAS_SEGMENTS = (RecordingState.SEGMENTED, RecordingState.DRAFTED, RecordingState.READY)


@dataclass(frozen=True, slots=True)
class WaitingSegment:
    """A segment to draft, and where its sound lies."""

    segment: Segment
    storage_key: str
    dialect: str


def is_drafted() -> ColumnElement[bool]:
    """Whether a recording gets drafts, in a query that `with_choices` made: its dialect must be known."""
    return and_(Recording.dialect.is_not(None), func.coalesce(ProjectDialect.is_drafted, Project.is_drafted))


def with_choices(query: Select[*Columns]) -> Select[*Columns]:
    """A query over recordings, with the project's choices for their dialects beside them."""
    same_dialect = and_(
        ProjectDialect.project_id == Recording.project_id, ProjectDialect.dialect == Recording.dialect
    )  # fmt: skip
    return query.join(Project, Project.id == Recording.project_id).outerjoin(ProjectDialect, same_dialect)


def gets_drafts(session: Session, recording_id: UUID) -> bool:
    """Whether drafting is on for a recording's project and dialect, and its dialect is known."""
    query = with_choices(select(Recording.id)).where(Recording.id == recording_id, is_drafted())
    return session.scalar(query) is not None


def models_of(session: Session, project: Project) -> list[str]:
    """The models that draft a project's recordings, its own one first."""
    beside = select(ProjectModel.model).where(ProjectModel.project_id == project.id).order_by(ProjectModel.model)
    return list(dict.fromkeys([project.model, *session.scalars(beside)]))


def lacks_draft(asr_model_id: UUID) -> ColumnElement[bool]:
    """Whether a segment has no draft, and no reason for none, by this model for its recording's dialect."""
    return ~exists().where(
        Draft.segment_id == Segment.id, Draft.asr_model_id == asr_model_id, Draft.dialect == Recording.dialect
    )


def waiting_segments(
    session: Session, model: str, asr_model_id: UUID, *, at: datetime, limit: int
) -> list[WaitingSegment]:  # fmt: skip
    """Segments that a model should draft and nobody has claimed, the most urgent first.

    Those whose recordings wait for this model come before those that it drafts beside another.
    """
    found: list[WaitingSegment] = []
    for query in _queries(session, model, asr_model_id, at=at):
        if len(found) < limit:
            found += [_of_row(row) for row in session.execute(query.limit(limit - len(found)))]
    return found


def is_any_waiting(session: Session, model: str, asr_model_id: UUID, *, at: datetime) -> bool:
    """Whether a segment waits for a model that nobody has claimed."""
    queries = _queries(session, model, asr_model_id, at=at)
    return any(session.execute(query.order_by(None).limit(1)).first() is not None for query in queries)


def claimed_segments(session: Session, batch: str) -> list[WaitingSegment]:
    """The segments that a batch has claimed."""
    query = (
        select(Segment, Recording.storage_key, Recording.dialect)
        .join(Recording, Recording.id == Segment.recording_id)
        .join(DraftClaim, DraftClaim.segment_id == Segment.id)
        .where(DraftClaim.batch == batch, Recording.dialect.is_not(None))
    )
    return [_of_row(row) for row in session.execute(query)]


def lock_recordings(session: Session, ids: Iterable[UUID]) -> Sequence[Recording]:
    """Recordings, locked until the commit, always in the same order."""
    query = select(Recording).where(Recording.id.in_(list(ids))).order_by(Recording.id)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.scalars(locked).all()


def lock_waiting_recordings(session: Session, ids: Iterable[UUID]) -> Sequence[Recording]:
    """Those of the recordings that wait for drafts, locked. Others are not: a request may hold several of them."""
    query = select(Recording).where(Recording.id.in_(list(ids)), Recording.state == RecordingState.SEGMENTED)
    locked = query.order_by(Recording.id).with_for_update(key_share=True)
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def whole_recordings(session: Session, model: str, asr_model_id: UUID) -> Sequence[UUID]:
    """Recordings that wait for a model although it has drafted every segment of them, for another reason."""
    lacking = exists().where(Segment.recording_id == Recording.id, is_current(), lacks_draft(asr_model_id))
    query = with_choices(select(Recording.id)).where(
        Recording.state == RecordingState.SEGMENTED, Project.model == model, is_drafted(), ~lacking
    )
    return session.scalars(query.limit(_MOST_AT_ONCE)).all()


def undrafted_recordings(session: Session, ids: Iterable[UUID], asr_model_id: UUID) -> set[UUID]:
    """Those of the recordings that have a segment without a draft by this model."""
    query = (
        select(Segment.recording_id)
        .join(Recording, Recording.id == Segment.recording_id)
        .where(Segment.recording_id.in_(list(ids)), is_current(), lacks_draft(asr_model_id))
        .distinct()
    )
    return set(session.scalars(query))


def missed_models(session: Session, *, before: datetime) -> list[str]:
    """Models whose drafting seems to have been missed: recordings or claims of them have not moved since then."""
    still = with_choices(select(Project.model).select_from(Recording)).where(
        Recording.state == RecordingState.SEGMENTED, Recording.updated_at < before, is_drafted()
    )
    given_up = select(DraftClaim.model).where(DraftClaim.expires_at < before)
    return sorted({*session.scalars(still.distinct()), *session.scalars(given_up.distinct())})


def _queries(
    session: Session, model: str, asr_model_id: UUID, *, at: datetime
) -> list[Select[Segment, str, str | None]]:  # fmt: skip
    """What finds waiting segments: by recordings in work, and in the few projects that a model drafts beside another.

    Those are looked up first: in one statement all recordings that are ready would be looked through for them.
    """
    own = _own(model, asr_model_id, at=at)
    beside = session.scalars(select(ProjectModel.project_id).where(ProjectModel.model == model)).all()
    return [own, _beside(model, asr_model_id, at=at, project_ids=beside)] if beside else [own]


def _own(model: str, asr_model_id: UUID, *, at: datetime) -> Select[Segment, str, str | None]:
    """Segments of recordings that wait for this model."""
    return _waiting(model, asr_model_id, at=at).where(
        Project.model == model, Recording.state == RecordingState.SEGMENTED
    )  # fmt: skip


def _beside(
    model: str, asr_model_id: UUID, *, at: datetime, project_ids: Sequence[UUID]
) -> Select[Segment, str, str | None]:  # fmt: skip
    """Segments of recordings that this model drafts beside another, or after it became the project's own."""
    return (
        _waiting(model, asr_model_id, at=at)
        .where(Recording.project_id.in_(project_ids), Recording.state.in_(HAS_SEGMENTS))
        .where(or_(Project.model != model, Recording.state != RecordingState.SEGMENTED))
    )


def _of_row(row: Row[Segment, str, str | None]) -> WaitingSegment:
    segment, storage_key, dialect = row
    assert dialect is not None
    return WaitingSegment(segment, storage_key, dialect)


def _waiting(model: str, asr_model_id: UUID, *, at: datetime) -> Select[Segment, str, str | None]:
    is_claimed = exists().where(
        DraftClaim.segment_id == Segment.id, DraftClaim.model == model, DraftClaim.expires_at > at
    )  # fmt: skip
    due_at = func.coalesce(Recording.due_at, Project.due_at)
    return (
        with_choices(
            select(Segment, Recording.storage_key, Recording.dialect).join(
                Recording, Recording.id == Segment.recording_id
            )
        )
        .where(is_drafted(), is_current(), lacks_draft(asr_model_id), ~is_claimed)
        .order_by(Recording.priority, due_at.nulls_last(), Recording.created_at, Recording.id)
        .order_by(Segment.start_ms, Segment.channel)
    )
