"""What can be wrong between database and store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")


class FaultKind(StrEnum):
    """A way in which the two differ."""

    RECORDING_MISSING = "recording missing"
    """A recording whose file is gone. Sending it again brings it back."""
    RECORDING_SIZE = "recording of wrong size"
    RECORDING_HASH = "recording damaged"
    """Its bytes are not those that came in."""
    FILE_UNKNOWN = "file without recording"
    """It may be a client's audio, so it is never deleted."""
    CLIP_MISSING = "clip missing"
    CLIP_SIZE = "clip of wrong size"
    CLIP_UNRECORDED = "clip that the database does not know"
    LEFT_OVER = "half-written file"
    """Of a process that was killed; whoever sent it was never told that it is safe."""
    UPLOAD_STRAY = "part of no upload"
    UPLOAD_SHORT = "upload shorter than promised"
    """Its sender is told the true length when it goes on."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. place: a key in the store, or a file's name. segment_id: of a clip."""

    kind: FaultKind
    place: str
    detail: str
    recording_id: UUID | None = None
    segment_id: UUID | None = None
    is_repaired: bool = False


def batches(items: Iterable[T], n: int) -> Iterator[list[T]]:
    """The items in lists of `n`, the last one perhaps shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, n)):
        yield batch
