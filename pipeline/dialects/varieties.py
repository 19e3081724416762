"""One language variety as a frozen value."""

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
    """In its own script; the English name where the spelling is not known."""
    scripts: tuple[str, ...]
    """ISO 15924 codes; the first is the one that drafts are written in."""
    direction: Direction
    parent: str | None
    """Tag of the wider variety, or None."""
    countries: tuple[str, ...]
    """ISO 3166-1 alpha-2."""
    regions: tuple[str, ...]
    """States, provinces, districts and cities where it is spoken, English names."""
    whisper_token: str | None
    """Its own token in Whisper's vocabulary, or None."""
    nearest_token: str | None
    """The token to send where there is no own one, or where the checkpoint lacks it."""
    is_drafted: bool
    """Whether stock Whisper's draft helps more than it harms."""
    prompt: str | None
    """Initial prompt that steers script and variety; NFC."""
    longest_segment_ms: int
    """Longest clip whose text fits into Whisper's token budget (440, without the default limit of 224)."""
    scoring_unit: ScoringUnit
    profile: str
    """Scoring profile, for instance `deva-hi/1`."""
    other_names: tuple[str, ...] = ()
    """In any script: older, colloquial and corpus spellings."""
    aliases: tuple[str, ...] = ()
    """Other BCP 47 tags that mean this variety."""
    labels: tuple[str, ...] = ()
    """How corpora and engines label it, for instance `RESPIN te D3`."""
