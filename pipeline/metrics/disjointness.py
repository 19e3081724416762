"""Whether what a model is tested on was kept from its training."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from pipeline.errors import PipelineError


class SeenInTraining(PipelineError):
    """A test set with segments or speakers that are in the training set."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a test set shares with a training set."""

    segments: frozenset[str]
    speakers: frozenset[str]

    @property
    def is_clean(self) -> bool:
        """Whether they share nothing."""
        return not (self.segments or self.speakers)


def overlap(
    test: Iterable[tuple[str, str | None]], *, trained_segments: Set[str], trained_speakers: Set[str]
) -> Overlap:
    """The segments and speakers of a test set that a model has seen.

    test: id and speaker (None: unknown) of each segment. Give the sets of both models where two are compared.
    """
    pairs = list(test)
    return Overlap(
        frozenset(id_ for id_, _ in pairs) & trained_segments,
        frozenset(speaker for _, speaker in pairs if speaker is not None) & trained_speakers,
    )


def check_disjoint(found: Overlap) -> None:
    """Refuse figures that are too good: a model knows the voices and texts that it was trained on.

    Raises: SeenInTraining naming how many are shared, and the first of each.
    """
    if found.is_clean:
        return
    parts = [
        f"{len(names)} {what}{'' if len(names) == 1 else 's'} (the first is {min(names)!r})"
        for names, what in ((found.segments, "segment"), (found.speakers, "speaker"))
        if names
    ]
    raise SeenInTraining(f"the test set shares {' and '.join(parts)} with a training set; expected none")
