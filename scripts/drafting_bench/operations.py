"""How many operations drafting takes, so that a speed can be held against what the processor can do.

A multiplication with its addition counts as two. Source: the layers of openai/whisper, model.py.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from pipeline.asr.features import FULL_WINDOW_FRAMES
from pipeline.asr.windows import ShortContext
from pipeline.audio import SAMPLE_RATE_HZ
from scripts.drafting_bench.loads import Load, n_tokens
from scripts.drafting_bench.shapes import SHAPES

VOCABULARY = 51_866
N_MELS = 80


@dataclass(frozen=True, slots=True)
class Operations:
    """Operations of one load, in units of 10^9."""

    linear: float
    """Matrix products with weights: int8."""
    attention: float
    """Matrix products of attention: float32."""

    @property
    def total(self) -> float:
        """Both."""
        return self.linear + self.attention


def operations(load: Load, shape: str, *, beam: int, is_short: bool) -> Operations:
    """What a load of short clips takes: encoder, cross-attention keys and values, and decoder."""
    width, _, layers = SHAPES[shape]
    linear = attention = 0.0
    for clip in load.clips:
        n_samples = clip.duration_ms * SAMPLE_RATE_HZ // 1000
        frames = ShortContext().window_frames(n_samples) if is_short else FULL_WINDOW_FRAMES
        positions, rows = frames // 2, n_tokens(n_samples) * beam
        convolutions = 3 * (N_MELS * width * frames + width * width * positions)
        encoder = layers * 12 * width**2 * positions
        keys = layers * 2 * width**2 * positions
        decoder = rows * (layers * 14 * width**2 + VOCABULARY * width)
        linear += 2 * (convolutions + encoder + keys + decoder)
        attention += 2 * layers * width * (2 * positions**2 + 2 * positions * rows)
    return Operations(linear / 1e9, attention / 1e9)


def float32_rate(*, size: int = 1536, seconds: float = 2.0) -> float:
    """10^9 operations a second of numpy's float32 matrix product on all cores: what this machine can do, measured."""
    rng = np.random.default_rng(0)
    left, right = (rng.standard_normal((size, size), dtype=np.float32) for _ in range(2))
    started, n_products = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        left @ right
        n_products += 1
    return 2 * size**3 * n_products / (time.perf_counter() - started) / 1e9
