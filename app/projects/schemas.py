"""Projects as they are sent and shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue, field_validator
from pydantic.config import JsonDict

from app.api.texts import Body, DialectTag, LongText, Name, Row
from models.project import TextTier

MOST_DIALECTS = 200
_MOST_DAYS = 36_500
_DIALECTS_EXAMPLE: list[JsonValue] = [
    {"dialect": "te-IN-x-rayala", "target_hours": 40},
    {"dialect": "bho-IN", "is_drafted": False},
]
_EXAMPLE: JsonDict = {
    "organisation_id": "01937f3c-0000-7000-8000-000000000000",
    "name": "Farm radio 2026",
    "dialects": _DIALECTS_EXAMPLE,
    "model": "small",
    "retention_days": 365,
    "due_at": "2026-12-31T18:00:00+05:30",
}


class ProjectDialectBody(Body):
    """A dialect of a project. is_drafted: null follows the project. target_hours: how much the client asked for."""

    dialect: DialectTag
    is_drafted: bool | None = None
    target_hours: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] | None = None


class ProjectFields(Body):
    """What a project is made of, but for its name and dialects."""

    text_tier: TextTier = TextTier.VERBATIM
    guidelines: LongText = ""
    model: Annotated[Name, Field(description="What `boli transcribe --model` takes.")] = "demo"
    is_drafted: Annotated[bool, Field(description="Whether a machine drafts at all.")] = True
    region: Name | None = None
    retention_days: Annotated[int, Field(ge=1, le=_MOST_DAYS, description="null: for ever.")] | None = None
    due_at: Annotated[AwareDatetime, Field(description="The client's deadline, with its time zone.")] | None = None
    dialects: Annotated[list[ProjectDialectBody], Field(max_length=MOST_DIALECTS, default_factory=list)]

    @field_validator("dialects")
    @classmethod
    def _each_once(cls, dialects: list[ProjectDialectBody]) -> list[ProjectDialectBody]:
        tags = [each.dialect for each in dialects]
        twice = sorted({tag for tag in tags if tags.count(tag) > 1})
        if twice:
            raise ValueError(f"expected each dialect once, found {', '.join(twice)} more often")
        return dialects


class ProjectCreate(ProjectFields):
    """A new project of an organisation."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    organisation_id: UUID
    name: Name


class ProjectEdit(ProjectFields):
    """What changes; what is left out stays. `dialects` is the whole new list."""

    model_config = ConfigDict(json_schema_extra={"example": {"dialects": _DIALECTS_EXAMPLE}})

    name: Name = ""


class ProjectModelCreate(Body):
    """A model that is to draft beside the project's own."""

    model_config = ConfigDict(json_schema_extra={"example": {"model": "large-v3-turbo"}})

    model: Annotated[Name, Field(description="What `boli transcribe --model` takes.")]


class ProjectModelRead(Row):
    """A model that drafts beside the project's own. requested_at: when it was first asked for."""

    project_id: UUID
    model: str
    requested_at: datetime


class ProjectDialectRead(Row):
    """A dialect of a project."""

    dialect: str
    is_drafted: bool | None
    target_hours: float | None


class ProjectRead(Row):
    """A project and its dialects."""

    id: UUID
    organisation_id: UUID
    name: str
    text_tier: TextTier
    guidelines: str
    model: str
    is_drafted: bool
    region: str | None
    retention_days: int | None
    due_at: datetime | None
    dialects: list[ProjectDialectRead]
    created_at: datetime
    updated_at: datetime
    version: int
