"""From timed pieces of decoded text to words with times that can stand in a transcript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from models.values import Span, Word

_PUNCTUATION = regex.compile(r"[\p{P}\p{S}]+")
_OPENING = regex.compile(r"[\p{Ps}\p{Pi}\"'¿¡-]+")
_LATIN_RUN = regex.compile(r"[\p{Latin}\p{Nd}\p{M}'’.-]+")


@dataclass(frozen=True, slots=True)
class TimedPiece:
    """A piece of text as an aligner cut it; a leading space begins a word."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


def words_of(pieces: Sequence[TimedPiece], *, duration_ms: int) -> tuple[Word, ...]:
    """Words of a clip in order, never overlapping, never empty, never outside `[0, duration_ms)`.

    Punctuation joins the word it stands at, and Latin letters or digits without a space between them are one word.
    None where the clip has less than a millisecond a word.
    """
    joined: list[TimedPiece] = []
    for piece in pieces:
        if joined and _belongs_together(joined[-1].text, piece.text):
            joined[-1] = _together(joined[-1], piece)
        elif piece.text.strip():
            joined.append(piece)
    if duration_ms < len(joined):
        return ()
    words = []
    previous_end_ms = 0
    for place, piece in enumerate(joined):
        latest_end_ms = duration_ms - (len(joined) - 1 - place)
        start_ms = min(max(piece.start_ms, previous_end_ms), latest_end_ms - 1)
        end_ms = min(max(piece.end_ms, start_ms + 1), latest_end_ms)
        words.append(Word(piece.text.strip(), Span(start_ms, end_ms), min(1.0, max(0.0, piece.confidence))))
        previous_end_ms = end_ms
    return tuple(words)


def _belongs_together(left: str, right: str) -> bool:
    if right.startswith(" ") and right.strip():
        return bool(_OPENING.fullmatch(left.strip())) and left.startswith(" ")
    is_mark = _PUNCTUATION.fullmatch(right.strip()) is not None or _OPENING.fullmatch(left.strip()) is not None
    return is_mark or (_LATIN_RUN.fullmatch(left.strip()) is not None and _LATIN_RUN.fullmatch(right) is not None)


def _together(left: TimedPiece, right: TimedPiece) -> TimedPiece:
    """One piece of two; where one is punctuation alone, the other's time and confidence count."""
    text = left.text + right.text.lstrip()
    if _PUNCTUATION.fullmatch(right.text.strip()):
        return TimedPiece(text, left.start_ms, left.end_ms, left.confidence)
    if _PUNCTUATION.fullmatch(left.text.strip()):
        return TimedPiece(text, right.start_ms, right.end_ms, right.confidence)
    return TimedPiece(text, left.start_ms, max(left.end_ms, right.end_ms), (left.confidence + right.confidence) / 2)
