"""Organisations as they are sent and shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from app.api.texts import Body, Name, Row

_MOST_BYTES = 2**63 - 1
Bytes = Annotated[int, Field(ge=0, le=_MOST_BYTES)]
Uploads = Annotated[int, Field(ge=0, le=10_000)]
_EXAMPLE: JsonDict = {"name": "Rayalaseema Speech Archive", "max_stored_bytes": 500_000_000_000, "max_open_uploads": 50}


class OrganisationCreate(Body):
    """A new organisation. Limits that are left out do not exist."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    name: Name
    max_stored_bytes: Bytes | None = None
    max_file_bytes: Bytes | None = None
    max_open_uploads: Uploads | None = None


class OrganisationEdit(Body):
    """What changes; what is left out stays. A limit of null lifts it."""

    model_config = ConfigDict(json_schema_extra={"example": {"max_open_uploads": 100}})

    name: Name = ""
    max_stored_bytes: Bytes | None = None
    max_file_bytes: Bytes | None = None
    max_open_uploads: Uploads | None = None


class OrganisationRead(Row):
    """An organisation."""

    id: UUID
    name: str
    max_stored_bytes: int | None
    max_file_bytes: int | None
    max_open_uploads: int | None
    created_at: datetime
    updated_at: datetime
    version: int
