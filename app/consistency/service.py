"""The whole check, and what it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain

from app.consistency.faults import Fault, FaultKind, batches
from app.consistency.looking import check_clips, check_hashes, check_recordings
from app.consistency.repairing import repair
from app.consistency.strays import check_left_over, check_stored, check_uploads
from app.jobs.context import JobContext

Check = Callable[[JobContext], Iterator[Fault]]
N_AT_ONCE = 200
N_SHOWN = 20


@dataclass(slots=True)
class Report:
    """What was found: how much of each kind, and the first few; it does not grow with the number of faults."""

    counts: Counter[tuple[FaultKind, bool]] = field(default_factory=Counter)
    shown: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Count a fault."""
        if sum(self.of(fault.kind)) < N_SHOWN:
            self.shown.append(fault)
        self.counts[fault.kind, fault.is_repaired] += 1

    def of(self, kind: FaultKind) -> tuple[int, int]:
        """How many of a kind are left as they are, and how many were repaired."""
        return self.counts[kind, False], self.counts[kind, True]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong any more."""
        return not any(n for (_, is_repaired), n in self.counts.items() if not is_repaired)


def usual_checks(*, grace: timedelta) -> tuple[Check, ...]:
    """Everything that can be told without reading every file."""
    return (
        check_recordings,
        check_clips,
        lambda context: check_stored(context, grace=grace),
        lambda context: check_left_over(context, grace=grace),
        lambda context: check_uploads(context, grace=grace),
    )


def thorough_checks(*, grace: timedelta) -> tuple[Check, ...]:
    """Everything, with every recording read and hashed."""
    return (*usual_checks(grace=grace), check_hashes)


def find(context: JobContext, checks: tuple[Check, ...]) -> Iterator[Fault]:
    """What is wrong, as it is found."""
    return chain.from_iterable(check(context) for check in checks)


def find_and_repair(context: JobContext, checks: tuple[Check, ...]) -> Iterator[Fault]:
    """What was wrong, repaired where that is possible."""
    for batch in batches(find(context, checks), N_AT_ONCE):
        yield from repair(context, batch)
