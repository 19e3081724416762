"""Clips as they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class ClipRead(BaseModel):
    """Where a segment can be heard, with 200 ms on each side."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "segment_id": "01937f3c-0000-7000-8000-000000000000",
                "start_ms": 3_017,
                "end_ms": 5_762,
                "audio_url": "/api/v1/audio/01937f3c-0000-7000-8000-000000000000?expires=1764000000&signature=5f",
                "peaks_url": "/api/v1/audio/01937f3c-0000-7000-8000-000000000000/peaks?expires=1764000000&signature=0a",
                "expires_at": "2026-11-24T16:00:00Z",
            }
        },
    )

    segment_id: UUID
    start_ms: Annotated[int, Field(description="Where the clip begins in the recording.")]
    end_ms: Annotated[int, Field(description="Where it ends.")]
    audio_url: Annotated[str | None, Field(description="Ogg Opus, mono; null while it is being made: ask again.")]
    peaks_url: Annotated[str | None, Field(description="Lowest and highest sample of every 10 ms, audiowaveform .dat.")]
    expires_at: Annotated[datetime, Field(description="Until when the addresses hold.")]


class ClipsRead(BaseModel):
    """The clips of a task's segments, in order."""

    clips: list[ClipRead]
