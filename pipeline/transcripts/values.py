"""What every transcript format is read into."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from models.values import Span, Word
from pipeline.errors import PipelineError

_AUDIO_ENDINGS = "3gp aac aif aiff amr au caf flac m4a mka mkv mov mp2 mp3 mp4 oga ogg opus sph spx wav webm wma"
AUDIO_SUFFIXES = frozenset(f".{ending}" for ending in _AUDIO_ENDINGS.split())


class TranscriptInvalid(PipelineError):
    """A transcript file that cannot be read; the message names file, line and what was expected."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known of who speaks; None where it is not known."""

    speaker: str | None = None
    district: str | None = None
    gender: str | None = None
    """In lower case, otherwise as written."""
    dialect: str | None = None
    """Tag as written: it is looked up when it is used."""

    def filled_from(self, other: About) -> About:
        """This, with what is missing taken from another."""
        if other is NOTHING_KNOWN or other == self:
            return self
        return About(
            self.speaker or other.speaker,
            self.district or other.district,
            self.gender or other.gender,
            self.dialect or other.dialect,
        )


NOTHING_KNOWN = About()


@dataclass(frozen=True, slots=True)
class Utterance:
    """One piece of a transcript that is scored as one, or a whole recording with the times of its words."""

    id: str
    """Unique within its file or folder; NFC."""
    text: str
    """As written."""
    file: str
    line: int
    """Where it stands, from 1."""
    about: About = NOTHING_KNOWN
    recording: str | None = None
    channel: str | None = None
    """As in NIST formats, from `1`."""
    span: Span | None = None
    """Where in the recording."""
    words: tuple[Word, ...] = ()
    """With times in the recording; empty where the format gives none."""
    is_scored: bool = True
    """False where the file marks it as not to be scored."""

    @property
    def place(self) -> str:
        """File and line, for messages."""
        return f"{self.file}: line {self.line}"


def recording_key(name: str) -> str:
    """A recording's name without the ending of an audio file: tools disagree on whether to keep it."""
    path = PurePosixPath(name)
    return str(path.with_suffix("")) if path.suffix.lower() in AUDIO_SUFFIXES and path.stem else name


def timed_id(recording: str, channel: str, start_ms: int) -> str:
    """The id of a stretch of a recording, in formats that give it none."""
    return f"{recording_key(recording)}:{channel}:{start_ms}"


def tidy(text: str) -> str:
    """An id or a name: NFC, without white space around."""
    return unicodedata.normalize("NFC", text.strip())
