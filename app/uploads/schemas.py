"""What is sent and answered about files that come in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.api.problems import FaultRead
from app.manifests.columns import MOST_TRANSCRIPT_CHARACTERS
from app.uploads.service import ClaimOutcome
from models.recording import RecordingState
from models.upload import UploadState

MOST_CLAIMS = 50
MOST_REGISTRATIONS = 50
_MOST_NAME_CHARACTERS = 4000
_FACTS_EXAMPLE: JsonDict = {"dialect": "hi-IN", "speaker": "spk-101", "gender": "female", "district": "Patna"}
_CLAIMS_EXAMPLE: JsonDict = {
    "files": [{"file_name": "patna/a.wav", "size_bytes": 320_044, "sha256": "9f" * 32, "facts": _FACTS_EXAMPLE}]
}
_REGISTRATIONS_EXAMPLE: JsonDict = {"objects": [{"key": "2026-11/a.wav", "facts": _FACTS_EXAMPLE}]}

Cells = Annotated[
    dict[str, Annotated[str, Field(max_length=MOST_TRANSCRIPT_CHARACTERS)]],
    Field(max_length=50, description="A row of a manifest: texts by column.", examples=[_FACTS_EXAMPLE]),
]
FileName = Annotated[str, Field(min_length=1, max_length=_MOST_NAME_CHARACTERS, examples=["patna/a.wav"])]


class FileClaim(BaseModel):
    """A file that the client has."""

    model_config = ConfigDict(extra="forbid")

    file_name: FileName
    size_bytes: Annotated[int, Field(ge=0, le=10**15)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    facts: Cells = {}


class ClaimsCreate(BaseModel):
    """Files that the client has; each is judged by itself."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _CLAIMS_EXAMPLE})

    files: Annotated[list[FileClaim], Field(min_length=1, max_length=MOST_CLAIMS)]


class ArrivedRecording(BaseModel):
    """The recording that a file is. duplicate_of_id: the recording whose bytes it shares; it is not processed again."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    state: RecordingState
    duplicate_of_id: UUID | None
    sha256: str
    file_name: str
    client_reference: str | None


class UploadRead(BaseModel):
    """An upload under way. offset_bytes: how much of it is safe; url: where it goes on, by tus."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    url: str
    state: UploadState
    file_name: str
    size_bytes: int
    offset_bytes: int
    sha256: str | None
    recording_id: UUID | None
    created_at: datetime
    expires_at: datetime


class Refusal(BaseModel):
    """Why one file is not taken; the others are judged by themselves."""

    status: int
    title: str
    detail: str
    errors: list[FaultRead] = []


class ClaimRead(BaseModel):
    """What is to be done with one file: nothing where there is a recording, send its bytes where there is an upload."""

    outcome: ClaimOutcome | None
    recording: ArrivedRecording | None = None
    upload: UploadRead | None = None
    refusal: Refusal | None = None


class ClaimsRead(BaseModel):
    """An answer for each file, in their order."""

    files: list[ClaimRead]


class ManifestFault(BaseModel):
    """A cell that holds what it must not. line: in the file, from 1."""

    model_config = ConfigDict(from_attributes=True)

    line: int
    column: str
    value: str
    expected: str


class ManifestCheckRead(BaseModel):
    """What is wrong with a manifest. unused_columns: those that the service has no place for."""

    n_recordings: int
    n_faults: int
    faults: list[ManifestFault]
    unused_columns: list[str]


class ObjectRegistration(BaseModel):
    """An object in the project's folder of the intake."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(min_length=1, max_length=1024, examples=["2026-11/a.wav"])]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    facts: Cells = {}


class RegistrationsCreate(BaseModel):
    """Objects that lie in the intake already."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _REGISTRATIONS_EXAMPLE})

    objects: Annotated[list[ObjectRegistration], Field(min_length=1, max_length=MOST_REGISTRATIONS)]


class RegistrationRead(BaseModel):
    """An object that is being fetched, or why it is not."""

    key: str
    upload: UploadRead | None = None
    refusal: Refusal | None = None


class RegistrationsRead(BaseModel):
    """An answer for each object, in their order."""

    objects: list[RegistrationRead]
