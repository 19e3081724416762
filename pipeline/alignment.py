"""Times for the words of any text over its segment, and for corrected text without moving what was not touched."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import regex
from rapidfuzz.distance import Levenshtein

from models.values import Span, Word
from pipeline.asr.recogniser import Recogniser, Request

LEAST_WORD_MS = 20
"""One encoder position: a word that is given less was not heard."""

_WORD = regex.compile(r"\p{Han}[\p{P}\p{S}]*|[^\s\p{Han}]+")


def split_words(text: str) -> list[str]:
    """Words as drafts have them: between spaces, each Han character alone, punctuation with the word before it."""
    return [str(word) for word in _WORD.findall(text)]


def aligned_words(recogniser: Recogniser, request: Request, text: str, *, start_ms: int = 0) -> tuple[Word, ...]:
    """Words of a text with times in the recording, found by the recogniser's attention; its clip starts at `start_ms`.

    Empty where the text has no words or the engine cannot tell.
    """
    if not split_words(text):
        return ()
    (words,) = recogniser.align([request], [text])
    return tuple(_moved(word, start_ms) for word in words)


def retimed(words: Sequence[Word], text: str, *, span: Span, aligned: Sequence[Word] = ()) -> tuple[Word, ...]:
    """Words of a corrected text: those that did not change keep their time and confidence.

    words: of the text before, in order. span: the segment. aligned: the new text timed afresh, where an aligner is at
    hand. Changed words take their aligned times, within the gap that the kept words leave; without an aligner they
    share the gap by length. Where words were put in and there is no gap, the word before gives up its second half.
    """
    new = split_words(text)
    fresh = list(aligned) if [word.text for word in aligned] == new else []
    timed: list[Word] = []
    for change in Levenshtein.opcodes([word.text for word in words], new):
        if change.tag == "equal":
            timed.extend(words[change.src_start : change.src_end])
        elif change.dest_end > change.dest_start:
            next_start_ms = words[change.src_end].span.start_ms if change.src_end < len(words) else span.end_ms
            wanted = fresh[change.dest_start : change.dest_end]
            _fill(timed, new[change.dest_start : change.dest_end], wanted, until_ms=next_start_ms, span=span)
    return tuple(timed)


def _fill(timed: list[Word], texts: Sequence[str], wanted: Sequence[Word], *, until_ms: int, span: Span) -> None:
    """Append words between the last timed one and `until_ms`."""
    from_ms = timed[-1].span.end_ms if timed else span.start_ms
    if until_ms - from_ms < LEAST_WORD_MS * len(texts) and timed:
        last = timed[-1]
        from_ms = last.span.start_ms + max(1, last.span.duration_ms // 2)
        timed[-1] = replace(last, span=Span(last.span.start_ms, from_ms))
    until_ms = max(until_ms, from_ms + len(texts))
    edges = _shared(texts, from_ms, until_ms) if not wanted else _clamped(wanted, from_ms, until_ms)
    confidences = [word.confidence for word in wanted] or [None] * len(texts)
    timed.extend(
        Word(text, Span(start_ms, end_ms), confidence)
        for text, (start_ms, end_ms), confidence in zip(texts, edges, confidences, strict=True)
    )


def _shared(texts: Sequence[str], from_ms: int, until_ms: int) -> list[tuple[int, int]]:
    """A stretch of time divided by the lengths of the words."""
    room_ms = until_ms - from_ms - len(texts)
    total = sum(map(len, texts))
    edges = [from_ms]
    for text in texts:
        edges.append(edges[-1] + 1 + room_ms * len(text) // total)
    return list(itertools.pairwise(edges))


def _clamped(wanted: Sequence[Word], from_ms: int, until_ms: int) -> list[tuple[int, int]]:
    """Times of the words, moved no more than needed to lie in order within the stretch, at least 1 ms each."""
    edges: list[tuple[int, int]] = []
    for i, word in enumerate(wanted):
        latest_end_ms = until_ms - (len(wanted) - 1 - i)
        start_ms = min(max(word.span.start_ms, from_ms), latest_end_ms - 1)
        end_ms = min(max(word.span.end_ms, start_ms + 1), latest_end_ms)
        edges.append((start_ms, end_ms))
        from_ms = end_ms
    return edges


def _moved(word: Word, by_ms: int) -> Word:
    return replace(word, span=Span(word.span.start_ms + by_ms, word.span.end_ms + by_ms))
