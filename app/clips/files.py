"""The files of a clip, and where they lie."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.storage import checked_key

_KEY = re.compile(r"(?P<project>[0-9a-f-]{36})/clips/(?P<segment>[0-9a-f-]{36})\.(?P<kind>opus|peaks)")


class ClipKind(StrEnum):
    """The two files of a clip; also the endings of their keys."""

    OPUS = "opus"
    PEAKS = "peaks"

    @property
    def content_type(self) -> str:
        """What a browser is told."""
        return "audio/ogg; codecs=opus" if self is ClipKind.OPUS else "application/octet-stream"


@dataclass(frozen=True, slots=True)
class ClipKey:
    """Where a file of a clip lies."""

    project_id: UUID
    segment_id: UUID
    kind: ClipKind

    def __str__(self) -> str:
        return checked_key(f"{self.project_id}/clips/{self.segment_id}.{self.kind.value}")


def clip_key_of(key: str) -> ClipKey | None:
    """What a key names, or None where it is not that of a clip."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    try:
        return ClipKey(UUID(match["project"]), UUID(match["segment"]), ClipKind(match["kind"]))
    except ValueError:
        return None
