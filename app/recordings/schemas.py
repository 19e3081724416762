"""Recordings as they are sent and shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from app.api.cursors import PageQuery
from app.api.texts import Body, DialectTag, Name, Row, ShortText
from models.recording import RecordingState

MOST_PRIORITY = 1_000_000


class RecordingsQuery(PageQuery):
    """Which recordings of a project; every condition given must hold."""

    state: RecordingState | None = None
    dialect: DialectTag | None = None
    speaker: Annotated[Name | None, Field(description="The speaker's pseudonym.")] = None
    client_reference: ShortText | None = None
    country: Name | None = None
    state_or_province: Name | None = None
    district: Name | None = None


class SpeakerFields(Body):
    """Whoever is heard, by a pseudonym that is known within the project. What is left out stays as it is."""

    pseudonym: Name
    gender: Name | None = None
    age_band: Name | None = None
    first_language: Name | None = None
    consent_reference: ShortText | None = None


class RecordingEdit(Body):
    """What is corrected; what is left out stays, and null makes it unknown."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "dialect": "te-IN-x-rayala",
                "dialect_reason": "the speaker says so herself",
                "district": "Anantapur",
                "speaker": {"pseudonym": "spk-101", "gender": "female", "age_band": "31-45"},
            }
        }
    )

    dialect: DialectTag | None = None
    dialect_reason: Annotated[ShortText | None, Field(description="Why the dialect is corrected.")] = None
    speaker: SpeakerFields | None = None
    country: Name | None = None
    state_or_province: Name | None = None
    district: Name | None = None
    device: ShortText | None = None
    environment: ShortText | None = None
    client_reference: ShortText | None = None
    priority: Annotated[int, Field(ge=1, le=MOST_PRIORITY, description="Lower is sooner.")] = 100
    due_at: AwareDatetime | None = None


class SpeakerRead(Row):
    """Whoever is heard."""

    id: UUID
    pseudonym: str
    gender: str | None
    age_band: str | None
    first_language: str | None
    consent_reference: str | None


class RecordingRead(Row):
    """A recording and what is known of it."""

    id: UUID
    project_id: UUID
    state: RecordingState
    fault: Annotated[str | None, Field(description="Why nothing can be made of it.")]
    duplicate_of_id: UUID | None
    file_name: str
    sha256: str
    size_bytes: int
    duration_ms: int | None
    n_channels: int | None
    container: str | None
    dialect: str | None
    country: str | None
    state_or_province: str | None
    district: str | None
    device: str | None
    environment: str | None
    client_reference: str | None
    speaker: SpeakerRead | None
    priority: int
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class RecordingCounts(Row):
    """How far the segments that stand have come. Milliseconds are of their audio."""

    n_segments: int
    segments_ms: int
    n_drafted: Annotated[int, Field(description="Segments with at least one draft that has a text.")]
    n_without_text: Annotated[int, Field(description="Segments that were tried and have a reason instead.")]
    n_in_tasks: int
    n_done: int


class DialectChangeRead(Row):
    """One correction of the dialect."""

    before: str | None
    after: str | None
    author: str
    reason: str
    created_at: datetime


class RecordingDetail(RecordingRead):
    """A recording with its progress, its quality figures and the corrections of its dialect."""

    quality: Annotated[list[Any] | None, Field(description="Per channel, as `boli probe` gives them.")]
    counts: RecordingCounts
    dialect_changes: list[DialectChangeRead]
