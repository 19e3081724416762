"""Words with usable times: in order, inside their segment, never overlapping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import regex

from models.values import Draft, Span, Word
from pipeline.exporting.transcript import Row, one_line

_CLUSTER = regex.compile(r"\X")
_PIECE = regex.compile(
    r"[\p{Ps}\p{Pi}]*[\p{Han}\p{Hiragana}\p{Katakana}][^\P{P}\p{Ps}\p{Pi}]*"
    r"|[^\s\p{Han}\p{Hiragana}\p{Katakana}]+"
)
"""A Han or kana character with the punctuation around it, or a run of anything else up to white space."""


def timed_words(row: Row) -> tuple[Word, ...] | None:
    """The engine's words made monotonic and kept inside the segment; None where it gave none that can be.

    Engines give neighbours that touch or cross by a few frames and now and then a word of no length.
    """
    if not isinstance(row.outcome, Draft) or not row.outcome.words:
        return None
    words: list[Word] = []
    cursor_ms = row.segment.span.start_ms
    for word in row.outcome.words:
        start_ms = max(word.span.start_ms, cursor_ms)
        end_ms = min(max(word.span.end_ms, start_ms + 1), row.segment.span.end_ms)
        if start_ms >= end_ms:
            return None
        if text := one_line(word.text):
            words.append(replace(word, text=text, span=Span(start_ms, end_ms)))
            cursor_ms = end_ms
    return tuple(words) or None


def placed_words(row: Row) -> tuple[Word, ...]:
    """The row's words with the engine's times, or, without them, spread over the segment by their length."""
    return timed_words(row) or spread_words(row.text, row.segment.span)


def spread_words(text: str, span: Span) -> tuple[Word, ...]:
    """The words of a text (for Chinese and Japanese: characters) laid over a span in proportion to their length.

    Confidence is None: these times are a guess. Empty where the span has fewer milliseconds than the text has words.
    """
    pieces: list[str] = _PIECE.findall(text)
    if not pieces or span.duration_ms < len(pieces):
        return ()
    return tuple(Word(piece, place) for piece, place in zip(pieces, _shares(pieces, span), strict=True))


def _shares(pieces: Sequence[str], span: Span) -> list[Span]:
    lengths = [len(_CLUSTER.findall(piece)) for piece in pieces]
    spare_ms = span.duration_ms - len(pieces)
    edges, covered = [span.start_ms], 0
    for count, length in enumerate(lengths, start=1):
        covered += length
        edges.append(span.start_ms + count + spare_ms * covered // sum(lengths))
    return [Span(start_ms, end_ms) for start_ms, end_ms in pairwise(edges)]
