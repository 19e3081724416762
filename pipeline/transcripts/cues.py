"""Subtitles (SRT and WebVTT) as pieces of text with their times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from models.values import Span

_CLOCK = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})"
_TIMING = regex.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:[ \t].*)?", regex.ASCII)
_MARKUP = regex.compile(r"</?[a-z][^<>]{0,200}>|<[\d:.]+>|\{\\[^{}]{0,40}\}", regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle."""

    span: Span
    text: str


def is_subtitles(text: str) -> bool:
    """Whether a text holds the time line of a subtitle."""
    return any(_TIMING.fullmatch(line) for line in text.splitlines() if "-->" in line)


def read_cues(text: str) -> Iterator[Cue]:
    """Subtitles in order, without marks of style; those that last no time or say nothing are passed over.

    Source: WebVTT, W3C, section 4 (cue blocks end with an empty line; the hours may be missing); SubRip.
    """
    timing: regex.Match[str] | None = None
    lines: list[str] = []
    for line in [*text.removeprefix("\ufeff").splitlines(), ""]:
        if match := _TIMING.fullmatch(line):
            timing, lines = match, []
        elif line.strip():
            lines.append(line.strip())
        elif timing is not None:
            yield from _cue(timing, lines)
            timing, lines = None, []


def _cue(timing: regex.Match[str], lines: list[str]) -> Iterator[Cue]:
    start_ms, end_ms = _milliseconds(timing, 1), _milliseconds(timing, 5)
    said = " ".join(_MARKUP.sub("", " ".join(lines)).split())
    if said and start_ms < end_ms:
        yield Cue(Span(start_ms, end_ms), said)


def _milliseconds(timing: regex.Match[str], first: int) -> int:
    hours, minutes, seconds, fraction = (timing.group(first + place) for place in range(4))
    whole_s = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole_s * 1000 + int(fraction.ljust(3, "0"))
