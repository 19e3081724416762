"""What transcription tiers hold beside words: event tags, speaker marks, alternatives."""

from __future__ import annotations

from enum import StrEnum


class TagKind(StrEnum):
    """What an event tag says of the sound."""

    NOISE = "noise"
    LAUGHTER = "laughter"
    MUSIC = "music"
    SILENCE = "silence"
    UNCLEAR = "unclear"
    """Speech that cannot be understood."""
    OVERLAP = "overlap"
    """Several people at once."""
    FOREIGN = "foreign"
    """Speech in another language."""
    TRUNCATED = "truncated"
    """A word cut off by the edge of the recording."""
    REDACTED = "redacted"
    """Personal matter left out."""
