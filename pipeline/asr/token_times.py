"""Words of a decoded text and their times, from the alignment of its tokens with the audio.

Source: openai/whisper, timing.py (dynamic time warping over cross-attention) and tokenizer.py (`split_to_word_tokens`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import regex

from models.values import Span, Word

POSITION_MS = 20
"""Length of one encoder position."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_STANDS_ALONE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Myanmar}]")
_ONLY_PUNCTUATION = regex.compile(r"[\p{P}\p{S}\s]+")


@dataclass(frozen=True, slots=True)
class TokenAlignment:
    """Where a sequence of text tokens lies in a clip."""

    path: Sequence[tuple[int, int]]
    """(token, position) pairs in time order; the last token is the end of text."""
    probabilities: Sequence[float]
    """Of each text token, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class TokenRun:
    """Tokens `[first, stop)` that together make up whole characters, or a word."""

    text: str
    first: int
    stop: int


def word_runs(ids: Sequence[int], decode: Callable[[Sequence[int]], str]) -> list[TokenRun]:
    """Words and their tokens; a character each in scripts that write no spaces.

    Punctuation belongs to the word before it.
    """
    words: list[TokenRun] = []
    for run in _whole_characters(ids, decode):
        if words and not _starts_word(run.text, words[-1].text):
            last = words.pop()
            run = TokenRun(last.text + run.text, last.first, run.stop)
        words.append(run)
    return [TokenRun(word.text.strip(), word.first, word.stop) for word in words if word.text.strip()]


def _whole_characters(ids: Sequence[int], decode: Callable[[Sequence[int]], str]) -> Iterator[TokenRun]:
    """Shortest runs of tokens that do not break off within a character; Indic letters may take three tokens."""
    first = 0
    for stop in range(1, len(ids) + 1):
        text = decode(ids[first:stop])
        if not text.endswith(_REPLACEMENT) or stop == len(ids):
            yield TokenRun(text.replace(_REPLACEMENT, ""), first, stop)
            first = stop


def _starts_word(text: str, before: str) -> bool:
    if _ONLY_PUNCTUATION.fullmatch(text):
        return False
    if text[:1].isspace() or before[-1:].isspace():
        return True
    return bool(_STANDS_ALONE.match(text) or _STANDS_ALONE.search(before[-1:]))


def timed_words(words: Sequence[TokenRun], alignment: TokenAlignment, *, duration_ms: int) -> tuple[Word, ...]:
    """Times of words within a clip of `duration_ms`: in order, never overlapping, at least 1 ms each.

    Words that the alignment puts at one instant share the time up to the next one evenly; empty where the clip has
    less than a millisecond a word.
    """
    if not words or duration_ms < len(words):
        return ()
    edges = _edges(words, alignment.path, duration_ms)
    return tuple(
        Word(word.text, Span(start_ms, end_ms), _mean(alignment.probabilities[word.first : word.stop]))
        for word, start_ms, end_ms in zip(words, edges, edges[1:], strict=False)
    )


def _edges(words: Sequence[TokenRun], path: Sequence[tuple[int, int]], duration_ms: int) -> list[int]:
    """Start of each word and end of the last, strictly rising."""
    starts = _token_starts(path)
    wanted = [starts.get(word.first, duration_ms) for word in words] + [starts.get(words[-1].stop, duration_ms)]
    edges = [min(edge, duration_ms) for edge in wanted]
    for i in range(len(edges) - 2, -1, -1):
        edges[i] = min(edges[i], edges[i + 1])
    edges[-1] = edges[-1] if edges[-1] > edges[-2] else duration_ms
    spread = _spread(edges)
    for i in range(1, len(spread)):
        spread[i] = max(spread[i], spread[i - 1] + 1)
    for i in range(len(spread) - 1, -1, -1):
        spread[i] = min(spread[i], duration_ms - (len(spread) - 1 - i))
    return spread


def _spread(edges: Sequence[int]) -> list[int]:
    """Put equal edges evenly between the first of them and the next later one."""
    spread = list(edges)
    first = 0
    while first < len(edges) - 1:
        stop = first + 1
        while stop < len(edges) - 1 and edges[stop] == edges[first]:
            stop += 1
        for k in range(first, stop):
            spread[k] = edges[first] + (edges[stop] - edges[first]) * (k - first) // (stop - first)
        first = stop
    return spread


def _mean(probabilities: Sequence[float]) -> float | None:
    return min(1.0, sum(probabilities) / len(probabilities)) if probabilities else None


def _token_starts(path: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Millisecond at which each token is first aligned."""
    starts: dict[int, int] = {}
    for token, position in path:
        starts.setdefault(token, position * POSITION_MS)
    return starts
