"""Counts of speech found and of false alarms, in steps of 10 ms; counts add, rates follow from sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.values import Span

STEP_MS = 10
COLLAR_MS = 300
"""Around speech neither silence nor speech is wrong."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Steps of 10 ms: of speech, of speech found, of silence away from speech, of false alarms in it."""

    speech: int = 0
    found: int = 0
    silence: int = 0
    alarms: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.speech + other.speech,
            self.found + other.found,
            self.silence + other.silence,
            self.alarms + other.alarms,
        )

    @property
    def recall(self) -> float | None:
        """Share of speech found; None where there is no speech."""
        return self.found / self.speech if self.speech else None

    @property
    def false_alarms(self) -> float | None:
        """Share of silence called speech; None where there is no silence."""
        return self.alarms / self.silence if self.silence else None

    @property
    def precision(self) -> float | None:
        """Share of what was called speech, in speech or in silence away from it, that is speech."""
        return self.found / (self.found + self.alarms) if self.found + self.alarms else None


def score(truth: Sequence[Span], found: Sequence[Span], *, duration_ms: int, collar_ms: int = COLLAR_MS) -> Counts:
    """How well spans find the true ones."""
    is_speech, is_found = _mask(truth, duration_ms), _mask(found, duration_ms)
    near = [Span(max(0, span.start_ms - collar_ms), span.end_ms + collar_ms) for span in truth]
    is_silence = ~_mask(near, duration_ms)
    return Counts(
        speech=int(is_speech.sum()),
        found=int((is_speech & is_found).sum()),
        silence=int(is_silence.sum()),
        alarms=int((is_silence & is_found).sum()),
    )


def _mask(spans: Sequence[Span], duration_ms: int) -> npt.NDArray[np.bool_]:
    mask = np.zeros(-(-duration_ms // STEP_MS), dtype=np.bool_)
    for span in spans:
        mask[span.start_ms // STEP_MS : -(-span.end_ms // STEP_MS)] = True
    return mask
