"""What is known of a recording when it comes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

SPEAKER_COLUMNS = ("gender", "age_band", "first_language", "consent_reference")
"""What is said of the speaker and not of the recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A row of a manifest, validated. What is unknown is None, never guessed.

    dialect, first_language: catalogue tags, or a BCP 47 tag that the catalogue lacks (first_language alone).
    speaker: a pseudonym. priority: 1 to 1000, lower is sooner. transcript: the client's own text of the whole file.
    """

    dialect: str | None = None
    country: str | None = None
    state_or_province: str | None = None
    district: str | None = None
    speaker: str | None = None
    gender: str | None = None
    age_band: str | None = None
    first_language: str | None = None
    consent_reference: str | None = None
    device: str | None = None
    environment: str | None = None
    client_reference: str | None = None
    priority: int | None = None
    due_at: datetime | None = None
    transcript: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The known facts, as they are kept with an upload."""
        known = {name: value for name in COLUMNS if (value := getattr(self, name)) is not None}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in known.items()}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Facts:
        """The facts that `to_json` wrote."""
        known = {name: value for name, value in record.items() if name in COLUMNS}
        if "due_at" in known:
            known["due_at"] = datetime.fromisoformat(known["due_at"])
        return cls(**known)


COLUMNS = tuple(field.name for field in fields(Facts))
"""Names of the columns of a manifest, beside `path`."""
