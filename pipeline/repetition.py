"""Loops in a recogniser's text, judged alike in all scripts."""

from __future__ import annotations

import zlib

import regex

LOOP_RATIO = 2.0
"""Clean text of 18 languages stays at 0.8-1.5, a sentence four times over reaches 2.2-4.3."""

_UNIT = regex.compile(r"\p{Han}|[^\s\p{P}\p{S}\p{Han}]+")
_LONGEST_PHRASE = 12
_SHORTEST_JUDGED = 24
"""Below this many code points the compressor's own header and tables say more than the text."""


def is_loop(text: str) -> bool:
    """Whether a text runs in circles: it compresses too well, or one phrase fills most of it."""
    return compression_ratio(text) > LOOP_RATIO or has_repeated_phrase(text)


def compression_ratio(text: str) -> float:
    """Code points to compressed bytes, each distinct code point taken as one byte; 0 for short texts.

    Whisper's threshold of 2.4 on UTF-8 misfires on Indic text, whose three-byte letters share their first bytes
    (clean Tamil reaches 2.7), and misses loops in Chinese.
    Source: openai/whisper, transcribe.py (`compression_ratio_threshold`); SYSTRAN/faster-whisper #600.
    """
    if len(text) < _SHORTEST_JUDGED:
        return 0.0
    codes: dict[str, int] = {}
    mapped = bytes(codes.setdefault(char, len(codes)) % 256 for char in text)
    return len(mapped) / len(zlib.compress(mapped, 9))


def has_repeated_phrase(text: str) -> bool:
    """Whether a phrase of 1-12 words (or Han characters) stands in a row so often that it is most of the text.

    Five times for a single unit (a telephone number may hold four equal digits), four times for longer phrases.
    """
    units = _UNIT.findall(text)
    for length in range(1, min(_LONGEST_PHRASE, len(units) // 4) + 1):
        n_needed = 5 if length == 1 else 4
        n_repeats = _most_repeats(units, length)
        if n_repeats >= n_needed and 2 * n_repeats * length >= len(units):
            return True
    return False


def _most_repeats(units: list[str], length: int) -> int:
    """How often, at most, a phrase of `length` units stands in a row."""
    best = run = 0
    for i in range(length, len(units)):
        run = run + 1 if units[i] == units[i - length] else 0
        best = max(best, run // length + 1 if run >= length else 1)
    return best
