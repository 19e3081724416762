"""Segments into tasks: as much audio as a person corrects in one sitting."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key")
"""Whatever the caller finds a segment by."""


@dataclass(frozen=True, slots=True)
class TaskRules:
    """How much audio goes into a task."""

    shortest_ms: int = 120_000
    longest_ms: int = 300_000
    target_ms: int = 180_000
    """Short recordings are gathered up to this."""
    longest_run_ms: int = 270_000
    """A long recording is cut into the fewest runs of at most this on average. Each cut falls on the edge of a segment
    (30 s at most), so two runs stay above the shortest and any run below the longest."""


@dataclass(frozen=True, slots=True)
class WaitingSegment(Generic[Key]):
    """A segment that lies in no task."""

    key: Key
    duration_ms: int


@dataclass(frozen=True, slots=True)
class WaitingRecording(Generic[Key]):
    """What of a recording lies in no task."""

    speaker: Hashable | None
    """None where it is not known."""
    segments: tuple[WaitingSegment[Key], ...]
    """In the order in which they are heard."""

    @property
    def duration_ms(self) -> int:
        """Audio in its segments."""
        return sum(segment.duration_ms for segment in self.segments)


@dataclass(frozen=True, slots=True)
class TaskGroups(Generic[Key]):
    """Groups of segments, each in the order in which they are heard."""

    full: tuple[tuple[WaitingSegment[Key], ...], ...]
    """Tasks of the right size."""
    small: tuple[tuple[WaitingSegment[Key], ...], ...]
    """What is left of each speaker: to wait for more, or to be a smaller task where no more comes."""


def group_into_tasks(recordings: Iterable[WaitingRecording[Key]], rules: TaskRules) -> TaskGroups[Key]:
    """Runs of long recordings, and short recordings of one speaker together; those of unknown speakers make one group.

    recordings: in the order in which they are to be worked on. A short recording is never divided.
    """
    full: list[tuple[WaitingSegment[Key], ...]] = []
    short: dict[Hashable | None, list[WaitingRecording[Key]]] = {}
    for recording in recordings:
        if recording.duration_ms >= rules.shortest_ms:
            full += _runs(recording, rules)
        elif recording.segments:
            short.setdefault(recording.speaker, []).append(recording)
    small: list[tuple[WaitingSegment[Key], ...]] = []
    for of_speaker in short.values():
        for gathered in _gathered(of_speaker, rules):
            is_full = sum(recording.duration_ms for recording in gathered) >= rules.shortest_ms
            (full if is_full else small).append(tuple(itertools.chain(*(each.segments for each in gathered))))
    return TaskGroups(tuple(full), tuple(small))


def _runs(recording: WaitingRecording[Key], rules: TaskRules) -> Iterator[tuple[WaitingSegment[Key], ...]]:
    """Runs of about equal length, cut at the edges of segments."""
    ends_ms = list(itertools.accumulate(segment.duration_ms for segment in recording.segments))
    total_ms = ends_ms[-1]
    n_runs = -(-total_ms // rules.longest_run_ms)
    cuts = [0, *(_nearest(ends_ms, total_ms * place // n_runs) + 1 for place in range(1, n_runs)), len(ends_ms)]
    for first, end in itertools.pairwise(cuts):
        yield recording.segments[first:end]


def _nearest(ends_ms: Sequence[int], wanted_ms: int) -> int:
    """Place of the segment whose end is nearest to a time."""
    after = bisect.bisect_left(ends_ms, wanted_ms)
    if after and wanted_ms - ends_ms[after - 1] <= ends_ms[after] - wanted_ms:
        return after - 1
    return after


def _gathered(recordings: Sequence[WaitingRecording[Key]], rules: TaskRules) -> Iterator[list[WaitingRecording[Key]]]:
    """Recordings in order, up to the target; all that remain where they fit into one task."""
    rest_ms = sum(recording.duration_ms for recording in recordings)
    group: list[WaitingRecording[Key]] = []
    group_ms = 0
    for recording in recordings:
        if group_ms >= rules.target_ms and group_ms + rest_ms > rules.longest_ms:
            yield group
            group, group_ms = [], 0
        group.append(recording)
        group_ms += recording.duration_ms
        rest_ms -= recording.duration_ms
    if group:
        yield group
