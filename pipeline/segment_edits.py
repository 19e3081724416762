"""Edits of the cuts of one channel: a segment split, neighbours merged, an edge moved.

Segments never change: an edit says which ones go and which ones stand in their place. No edit leaves two segments on
one moment, and none leaves a moment without a segment that had one: silence may be taken in, sound is never dropped.
So whatever was scored on a segment that went can be compared with those that stand on the same stretch now.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from models.values import CutKind, Segment, Span
from pipeline.errors import PipelineError

Key = TypeVar("Key")
"""Whatever the caller finds a segment by."""


class EditRefused(PipelineError):
    """An edit that would overlap, leave the recording, drop sound, or make a segment too short or too long."""


class Edge(StrEnum):
    """An end of a segment."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class EditRules:
    """What a segment may be after an edit. duration_ms: length of the recording; None where it is not known."""

    duration_ms: int | None
    longest_ms: int
    """As for machine cuts: what one draft can hold."""
    shortest_ms: int = 200
    """A short syllable spoken alone lasts about this long; machine cuts are a second at least, people may be finer."""


@dataclass(frozen=True, slots=True)
class Placed(Generic[Key]):
    """A segment that stands, and what it is found by."""

    key: Key
    segment: Segment

    @property
    def span(self) -> Span:
        """Its stretch of time."""
        return self.segment.span


@dataclass(frozen=True, slots=True)
class Edit(Generic[Key]):
    """What goes, and what stands in its place; both sorted by time."""

    replaced: tuple[Placed[Key], ...]
    replacements: tuple[Segment, ...]


def split(tiling: Sequence[Placed[Key]], key: Key, at_ms: int, rules: EditRules) -> Edit[Key]:
    """Cut a segment in two.

    tiling: the segments of one channel that stand now, sorted by time.

    Raises:
        EditRefused: the moment lies outside of it, or too near to one of its ends.
    """
    placed = tiling[_index(tiling, key)]
    if not placed.span.start_ms < at_ms < placed.span.end_ms:
        raise EditRefused(f"{_told(placed.span)} cannot be split at {at_ms} ms: expected a moment within it")
    first, second = Span(placed.span.start_ms, at_ms), Span(at_ms, placed.span.end_ms)
    parts = (
        replace(placed.segment, span=first, end_cut=CutKind.PERSON),
        replace(placed.segment, span=second, start_cut=CutKind.PERSON),
    )
    return _allowed(Edit((placed,), parts), rules)


def merge(tiling: Sequence[Placed[Key]], keys: Sequence[Key], rules: EditRules) -> Edit[Key]:
    """Make one of two or more neighbours, with the silence between them. `tiling` as for `split`.

    Raises:
        EditRefused: fewer than two, some that are no neighbours, or longer together than a segment may be.
    """
    places = sorted({_index(tiling, key) for key in keys})
    if len(places) < 2:
        raise EditRefused(f"merging needs at least two segments, got {len(places)}")
    for before, after in itertools.pairwise(places):
        if after != before + 1:
            between = tiling[before + 1].span
            raise EditRefused(f"only neighbours can be merged, and {_told(between)} lies between")
    merged = tuple(tiling[place] for place in places)
    first, last = merged[0].segment, merged[-1].segment
    whole = replace(first, span=Span(first.span.start_ms, last.span.end_ms), end_cut=last.end_cut)
    return _allowed(Edit(merged, (whole,)), rules)


def move_edge(tiling: Sequence[Placed[Key]], key: Key, edge: Edge, *, to_ms: int, rules: EditRules) -> Edit[Key]:
    """Move an end of a segment. Where a neighbour touches it there, the neighbour's end moves with it.

    `tiling` as for `split`. An end beside silence moves outwards only, at most to the next segment.

    Raises:
        EditRefused: it would overlap the next segment, leave the recording, drop sound, move nothing, or make a
            segment too short or too long.
    """
    index = _index(tiling, key)
    first, second = (index, index + 1) if edge is Edge.END else (index - 1, index)
    before = tiling[first] if first >= 0 else None
    after = tiling[second] if second < len(tiling) else None
    if before and after and before.span.end_ms == after.span.start_ms:
        return _shared_moved(before, after, to_ms, rules)
    if edge is Edge.END:
        return _end_moved(tiling[index], to_ms, rules, limit_ms=after.span.start_ms if after else None)
    return _start_moved(tiling[index], to_ms, rules, limit_ms=before.span.end_ms if before else 0)


def _shared_moved(before: Placed[Key], after: Placed[Key], to_ms: int, rules: EditRules) -> Edit[Key]:
    if to_ms == before.span.end_ms:
        raise EditRefused(f"the edge is at {to_ms} ms already")
    if not before.span.start_ms < to_ms < after.span.end_ms:
        raise EditRefused(
            f"the edge of {_told(before.span)} and {_told(after.span)} cannot move to {to_ms} ms: one would be empty"
        )
    parts = (
        replace(before.segment, span=Span(before.span.start_ms, to_ms), end_cut=CutKind.PERSON),
        replace(after.segment, span=Span(to_ms, after.span.end_ms), start_cut=CutKind.PERSON),
    )
    return _allowed(Edit((before, after), parts), rules)


def _end_moved(placed: Placed[Key], to_ms: int, rules: EditRules, *, limit_ms: int | None) -> Edit[Key]:
    _check_outwards(placed.span, by_ms=to_ms - placed.span.end_ms)
    if limit_ms is not None and to_ms > limit_ms:
        raise EditRefused(
            f"the end of {_told(placed.span)} cannot move to {to_ms} ms: the next begins at {limit_ms} ms"
        )
    longer = replace(placed.segment, span=Span(placed.span.start_ms, to_ms), end_cut=CutKind.PERSON)
    return _allowed(Edit((placed,), (longer,)), rules)


def _start_moved(placed: Placed[Key], to_ms: int, rules: EditRules, *, limit_ms: int) -> Edit[Key]:
    _check_outwards(placed.span, by_ms=placed.span.start_ms - to_ms)
    if to_ms < limit_ms:
        what = f"the one before ends at {limit_ms} ms" if limit_ms else "the recording begins at 0 ms"
        raise EditRefused(f"the start of {_told(placed.span)} cannot move to {to_ms} ms: {what}")
    longer = replace(placed.segment, span=Span(to_ms, placed.span.end_ms), start_cut=CutKind.PERSON)
    return _allowed(Edit((placed,), (longer,)), rules)


def _check_outwards(span: Span, *, by_ms: int) -> None:
    if by_ms == 0:
        raise EditRefused(f"that end of {_told(span)} is there already")
    if by_ms < 0:
        raise EditRefused(
            f"that end of {_told(span)} has no neighbour to take what would be left over, {-by_ms} ms: "
            "split it there instead"
        )


def _allowed(edit: Edit[Key], rules: EditRules) -> Edit[Key]:
    """The edit, where what it makes keeps the rules. What was too long, or too near to the end, may stay as it was."""
    longest_ms = max(rules.longest_ms, *(placed.span.duration_ms for placed in edit.replaced), 0)
    last_ms = max(placed.span.end_ms for placed in edit.replaced)
    for span in (segment.span for segment in edit.replacements):
        if span.duration_ms < rules.shortest_ms:
            raise EditRefused(f"{_told(span)} would be {span.duration_ms} ms, the shortest is {rules.shortest_ms} ms")
        if span.duration_ms > longest_ms:
            raise EditRefused(f"{_told(span)} would be {span.duration_ms} ms, the longest is {longest_ms} ms")
        if rules.duration_ms is not None and span.end_ms > max(rules.duration_ms, last_ms):
            raise EditRefused(f"{_told(span)} would leave the recording, which ends at {rules.duration_ms} ms")
    return edit


def _index(tiling: Sequence[Placed[Key]], key: Key) -> int:
    for index, placed in enumerate(tiling):
        if placed.key == key:
            return index
    raise EditRefused(f"there is no segment {key!s} here")


def _told(span: Span) -> str:
    return f"[{span.start_ms}, {span.end_ms}) ms"
