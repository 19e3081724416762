"""A client's own transcript, brought onto the segments of its recording."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from models.values import Segment, Span

WHOLE_SHARE = 0.8
"""An utterance of which this much is heard in one segment belongs to it whole: edges of subtitles are never exact."""

_WORD = regex.compile(r"\p{Han}[\p{P}\p{S}]*|[^\s\p{Han}]+")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\u3000-\u303f\uff00-\uffef]")


@dataclass(frozen=True, slots=True)
class ClientUtterance:
    """A piece of a client's transcript."""

    text: str
    span: Span | None = None
    """None: somewhere in the recording."""
    channel: int | None = None
    """From 0, as recordings count them; None: any."""


@dataclass(frozen=True, slots=True)
class ClientText:
    """What a client wrote for one segment."""

    text: str
    is_spread: bool
    """Whether the words were divided among segments by length alone, so that some may belong to a neighbour."""


def texts_by_segment(utterances: Sequence[ClientUtterance], segments: Sequence[Segment]) -> dict[int, ClientText]:
    """The client's text of each segment that has one, by its place among `segments`.

    An utterance goes to the segment in which it is heard, or to the nearest where it is heard in none. One that runs
    over several is divided between words, each segment getting letters in proportion to its share of the sound.
    """
    order = sorted(range(len(segments)), key=lambda place: (segments[place].span, segments[place].channel))
    found: dict[int, list[ClientText]] = {}
    for utterance in sorted(utterances, key=lambda each: each.span.start_ms if each.span else 0):
        heard = _heard(utterance, segments, order)
        for place, part in _divided(utterance.text, heard):
            found.setdefault(place, []).append(ClientText(part, len(heard) > 1))
    return {place: _joined(parts) for place, parts in found.items()}


def _heard(utterance: ClientUtterance, segments: Sequence[Segment], order: Sequence[int]) -> list[tuple[int, int]]:
    """Places of the segments that share an utterance, in order of time, with the milliseconds heard in each."""
    possible = [place for place in order if utterance.channel in (None, segments[place].channel)]
    if utterance.span is None:
        return [(place, segments[place].span.duration_ms) for place in possible]
    span = utterance.span
    heard = [(place, ms) for place in possible if (ms := _overlap_ms(segments[place].span, span)) > 0]
    if not heard:
        nearest = min(possible, key=lambda place: -_overlap_ms(segments[place].span, span), default=None)
        return [] if nearest is None else [(nearest, 1)]
    most = max(heard, key=lambda entry: entry[1])
    return [most] if most[1] >= WHOLE_SHARE * sum(ms for _, ms in heard) else heard


def _overlap_ms(one: Span, other: Span) -> int:
    """Length of what two spans share; the distance between them, below zero, where they share nothing."""
    return min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms)


def _divided(text: str, heard: Sequence[tuple[int, int]]) -> list[tuple[int, str]]:
    """The text in parts, one a segment, cut before words; a segment that gets none is left out."""
    words = list(_WORD.finditer(text))
    if not words or not heard:
        return []
    if len(heard) == 1:
        return [(heard[0][0], text.strip())]
    ends_ms = list(itertools.accumulate(ms for _, ms in heard))
    n_letters = sum(len(word.group()) for word in words)
    starts: dict[int, int] = {}
    n_before = 0
    for word in words:
        middle_ms = (n_before + len(word.group()) / 2) / n_letters * ends_ms[-1]
        place = next(place for place, end_ms in enumerate(ends_ms) if middle_ms < end_ms)
        starts.setdefault(place, word.start())
        n_before += len(word.group())
    cuts = [*sorted(starts.values())[1:], len(text)]
    return [
        (heard[place][0], text[start:end].strip())
        for (place, start), end in zip(sorted(starts.items()), cuts, strict=True)
    ]


def _joined(parts: Sequence[ClientText]) -> ClientText:
    text = parts[0].text
    for part in parts[1:]:
        is_unspaced = _UNSPACED.fullmatch(text[-1]) and _UNSPACED.fullmatch(part.text[0])
        text += part.text if is_unspaced else f" {part.text}"
    return ClientText(text, any(part.is_spread for part in parts))
