"""What every export format is rendered from: one recording's segments and what was drafted for each."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from models.values import Draft, NoDraft, Segment


@dataclass(frozen=True, slots=True)
class Row:
    """One segment and its outcome."""

    segment: Segment
    outcome: Draft | NoDraft

    @property
    def text(self) -> str:
        """The draft on one line, NFC, free of control characters; empty where there is no draft."""
        return one_line(self.outcome.text) if isinstance(self.outcome, Draft) else ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """One recording in full."""

    recording: str
    """Name that the outputs carry, for instance `calls/monday.wav`."""
    dialect: str
    """BCP 47 tag."""
    duration_ms: int
    n_channels: int
    rows: tuple[Row, ...]
    """By start, then channel."""

    def channel_rows(self, channel: int) -> list[Row]:
        """The rows of one channel, by start."""
        return [row for row in self.rows if row.segment.channel == channel]

    @property
    def channels(self) -> tuple[int, ...]:
        """Every channel of the recording, with or without speech, from 0."""
        used = (row.segment.channel + 1 for row in self.rows)
        return tuple(range(max(self.n_channels, *used, 1)))

    @property
    def end_ms(self) -> int:
        """End of the recording or of its last segment, whichever is later; at least 1."""
        return max([self.duration_ms, *(row.segment.span.end_ms for row in self.rows), 1])


def clean(text: str) -> str:
    """NFC without what XML 1.0 and UTF-8 cannot hold: control characters become spaces, lone surrogates U+FFFD.

    Format characters (Cf) stay: zero-width joiners carry meaning in Indic scripts, direction marks in Urdu.
    Source: XML 1.0 section 2.2, production Char.
    """
    return unicodedata.normalize("NFC", "".join(map(_storable, text)))


def one_line(text: str) -> str:
    """The cleaned text with every run of white space and line ends as one space."""
    return " ".join(clean(text).split())


def _storable(character: str) -> str:
    if character in "\t\n":
        return character
    if "\ud800" <= character <= "\udfff" or character in "\ufffe\uffff":
        return "\ufffd"
    return " " if unicodedata.category(character) == "Cc" else character
