"""Subtitle cues: a row's text cut into pieces that can be read while they are heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from models.values import Span, Word
from pipeline.exporting.transcript import Row
from pipeline.exporting.words import timed_words

LONGEST_CUE_MS = 7000
"""Source: Netflix Timed Text Style Guide, General Requirements: at most 7 seconds a subtitle event."""
WIDEST_CUE = 84
"""Columns over two lines: 42 a line for alphabetic scripts, 16-18 wide (two-column) characters for Chinese.
Source: Netflix Timed Text Style Guides, English and Chinese."""

_WIDE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\u3000-\u303f\uff00-\uff60]")
_CLUSTER = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class CuePiece:
    """A run of text and when it begins; None where that is not known."""

    text: str
    start_ms: int | None


@dataclass(frozen=True, slots=True)
class Cue:
    """What stands on the screen over one span; the pieces join to its text without anything between."""

    channel: int
    span: Span
    pieces: tuple[CuePiece, ...]

    @property
    def text(self) -> str:
        """All pieces as one line."""
        return "".join(piece.text for piece in self.pieces).strip()


def cues_of(row: Row) -> list[Cue]:
    """The row as cues: cut between words where their times are known, else as one cue; none without text."""
    if not row.text:
        return []
    words = timed_words(row)
    pieces = _pieces(row.text, words) if words else None
    if not words or pieces is None:
        return [Cue(row.segment.channel, row.segment.span, (CuePiece(row.text, None),))]
    return [_cue(row.segment.channel, words[first:last], pieces[first:last]) for first, last in _cuts(words, pieces)]


def _pieces(text: str, words: Sequence[Word]) -> list[CuePiece] | None:
    """The text cut where its words begin, so that it is kept to the letter; None where a word is not in it."""
    starts, cursor = [], 0
    for word in words:
        found = text.find(word.text, cursor)
        if found < 0:
            return None
        starts.append(found)
        cursor = found + len(word.text)
    edges = [0, *starts[1:], len(text)]
    return [CuePiece(text[a:b], word.span.start_ms) for (a, b), word in zip(pairwise(edges), words, strict=True)]


def _cuts(words: Sequence[Word], pieces: Sequence[CuePiece]) -> list[tuple[int, int]]:
    """Index ranges of the words of each cue, as long as the limits allow."""
    cuts, first, columns = [], 0, 0
    for index, (word, piece) in enumerate(zip(words, pieces, strict=True)):
        width = display_columns(piece.text)
        is_long = word.span.end_ms - words[first].span.start_ms > LONGEST_CUE_MS or columns + width > WIDEST_CUE
        if is_long and index > first:
            cuts.append((first, index))
            first, columns = index, 0
        columns += width
    return [*cuts, (first, len(words))]


def _cue(channel: int, words: Sequence[Word], pieces: Sequence[CuePiece]) -> Cue:
    return Cue(channel, Span(words[0].span.start_ms, words[-1].span.end_ms), tuple(pieces))


def display_columns(text: str) -> int:
    """Columns on a screen: one a grapheme cluster, two where it is full-width."""
    return sum(2 if _WIDE.match(cluster) else 1 for cluster in _CLUSTER.findall(text))


def clock(time_ms: int, mark: str) -> str:
    """`HH:MM:SS` and milliseconds after `mark`; hours grow past two digits."""
    seconds, ms = divmod(time_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}{ms:03}"
