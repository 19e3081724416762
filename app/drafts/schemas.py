"""Segments and drafts as they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.api.cursors import PageQuery
from app.api.texts import Row
from models.draft import DraftSource
from models.values import CutKind, DraftFlag, NoDraftReason


class SegmentsQuery(PageQuery):
    """Which segments of a recording."""

    channel: Annotated[int | None, Field(ge=0, le=1_000)] = None


class WordRead(Row):
    """One word with its time in the recording. confidence: in [0, 1]; null where the engine does not tell."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None = None


class DraftRead(Row):
    """What a machine or the client wrote for a segment, or why there is no text."""

    id: UUID
    source: DraftSource
    engine: str | None
    model: str | None
    model_revision: str | None
    dialect: Annotated[str | None, Field(description="What the segment was taken to be spoken in.")]
    text: str | None
    no_draft_reason: NoDraftReason | None
    no_draft_detail: str | None
    language: str | None
    average_logprob: float | None
    no_speech_probability: float | None
    n_tokens: int
    temperature: float
    flags: list[DraftFlag]
    words: list[WordRead]
    created_at: datetime


class SegmentRead(Row):
    """A stretch `[start_ms, end_ms)` of one channel of a recording, with all its drafts."""

    id: UUID
    recording_id: UUID
    channel: int
    start_ms: int
    end_ms: int
    start_cut: CutKind
    end_cut: CutKind
    drafts: list[DraftRead]


class SegmentDetail(SegmentRead):
    """A segment and where it stands: what it replaced, and what replaced it; it is current while nothing did."""

    replaces: list[UUID]
    replaced_by: list[UUID]


class ExportLine(SegmentRead):
    """One line of a project's drafts: a segment that stands, and what is known of its recording."""

    project_id: UUID
    file_name: str
    client_reference: str | None
    sha256: str
    recording_dialect: str | None
    speaker: Annotated[str | None, Field(description="The speaker's pseudonym.")]
    country: str | None
    state_or_province: str | None
    district: str | None
    device: str | None
    environment: str | None
