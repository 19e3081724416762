"""How much silence is encoded after a clip: the full 30 s that Whisper was trained on, or less."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.asr.features import FRAME_MS, FULL_WINDOW_FRAMES, frame_count
from pipeline.asr.passport import Passport


@dataclass(frozen=True, slots=True)
class ShortContext:
    """Encode a clip with its own length plus a margin.

    Only for models that lose nothing by it: stock Whisper never saw short windows and may loop on them.
    Source: ggml-org/whisper.cpp #1855 (speed, margin), #1951 and futo-org/whisper-acft (loops, and the cure).
    """

    margin_ms: int = 2560
    min_ms: int = 5000
    step_ms: int = 1280
    """Windows grow in steps, so that clips of like length share a batch whatever else is in it."""

    @classmethod
    def of(cls, passport: Passport) -> ShortContext:
        """The margin and the shortest window that a model was verified with."""
        return cls(margin_ms=passport.short_context_margin_ms, min_ms=passport.short_context_min_ms)

    def window_frames(self, n_samples: int) -> int:
        """Frames to encode for a clip; even, since the encoder halves them, and never more than 30 s."""
        step = self.step_ms // FRAME_MS
        wanted = max(self.min_ms // FRAME_MS, frame_count(n_samples) + self.margin_ms // FRAME_MS)
        return min(FULL_WINDOW_FRAMES, -(-wanted // step) * step)
