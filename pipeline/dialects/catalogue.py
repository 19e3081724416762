"""The catalogue as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Writing direction."""

    LTR = "ltr"
    RTL = "rtl"


class ScoringUnit(StrEnum):
    """What an error rate of this variety counts first."""

    WORD = "word"
    CHARACTER = "character"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Dialect:
    """One language variety."""

    tag: str
    """BCP 47, for instance `hi-IN` or `te-IN-x-rayala`."""
    iso639_3: str
    english_name: str
    own_name: str
    """In its own script."""
    scripts: tuple[str, ...]
    """ISO 15924 codes; the first is the one that drafts are written in."""
    direction: Direction
    parent: str | None
    """Tag of the wider variety, or None."""
    countries: tuple[str, ...]
    """ISO 3166-1 alpha-2."""
    regions: tuple[str, ...]
    """States, provinces and districts where it is spoken, English names."""
    whisper_token: str | None
    """Its own token in Whisper's vocabulary, or None."""
    nearest_token: str | None
    """The token to send where there is no own one, or where the checkpoint lacks it."""
    is_drafted: bool
    """Whether stock Whisper's draft helps more than it harms."""
    prompt: str | None
    """Initial prompt that steers script and variety; NFC."""
    longest_segment_ms: int
    scoring_unit: ScoringUnit
    profile: str
    """Scoring profile, for instance `deva-hi/1`."""
    other_names: tuple[str, ...] = ()


def all_dialects() -> tuple[Dialect, ...]:
    """Every variety, in catalogue order."""
    raise NotImplementedError


def get_dialect(tag: str) -> Dialect:
    """The variety with this tag (case-insensitive); raises UnknownDialect naming the nearest three."""
    raise NotImplementedError


def find_dialects(query: str) -> list[Dialect]:
    """Varieties whose names in any script, codes or districts match, best first."""
    raise NotImplementedError
