"""Which channels of a recording are worth a transcript each, and which are one sound told twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from pipeline.samples import FloatArray

LOOK_S = 60
"""How much of a two-channel file decides: it waits in memory meanwhile (23 MB at 48 kHz). One side of a call may well
be silent for so long; that is no reason to mix the two, since the side that speaks stands out."""
WINDOW_MS = 100
ACTIVE_RANGE_DB = 30.0
"""A window counts when its louder channel is within this much of the loud ones: speech, not the pauses."""
DOMINANCE_DB = 10.0
"""One channel stands out by this much: a second handset or microphone. Coincident and spaced stereo pairs differ by
less (a cardioid pair at 90 degrees by 6 dB at most)."""
MIN_DOMINATED_SHARE = 0.2
SAME_SOUND_CORRELATION = 0.9
"""Two channels this alike are one sound, at whatever levels: dual mono, or cross-talk into an unused input."""


class ChannelPolicy(StrEnum):
    """What becomes of a recording's channels."""

    AUTO = "auto"
    """Two channels of different sound (a call) are kept apart; everything else becomes one channel."""
    SPLIT = "split"
    """Each channel is kept."""
    DOWNMIX = "downmix"
    """The mean of all channels."""


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """How a file's channels become the channels that are transcribed."""

    weights: tuple[tuple[float, ...], ...]
    """Shape (n_out_channels, n_file_channels)."""
    reason: str

    def applied(self, samples: FloatArray) -> FloatArray:
        """The planned channels, shape (n_out_channels, n_samples)."""
        if self.keeps_all:
            return samples
        return np.asarray(self.weights, dtype=np.float32) @ samples

    @property
    def keeps_all(self) -> bool:
        """Whether each channel passes through as it is."""
        return len(self.weights) == len(self.weights[0])


def needs_look(policy: ChannelPolicy, n_channels: int) -> bool:
    """Whether the material decides, rather than the policy and the number of channels alone."""
    return policy is ChannelPolicy.AUTO and n_channels == 2


def channel_plan(policy: ChannelPolicy, n_channels: int, chunks: Iterable[FloatArray], *, rate_hz: int) -> ChannelPlan:
    """The plan that a policy makes for a recording; `chunks` is only read where the material must decide.

    chunks: each of shape (n_channels, n_samples); the first `LOOK_S` seconds are looked at, so that the same file gets
    the same channels however it is read. May be empty unless `needs_look`.
    """
    if n_channels == 1:
        return _separate(1, "one channel")
    if policy is ChannelPolicy.SPLIT:
        return _separate(n_channels, "each channel is kept, as asked")
    if policy is ChannelPolicy.DOWNMIX:
        return _mean(n_channels, "the channels are mixed, as asked")
    if n_channels > 2:
        return _mean(n_channels, "more than two channels are most often one scene (surround, microphone array)")
    return _decided(_window_powers(chunks, rate_hz))


def _decided(powers: npt.NDArray[np.float64]) -> ChannelPlan:
    """The plan for two channels. powers: shape (3, n_windows): of channel 0, of channel 1, and across the two."""
    louder = np.maximum(powers[0], powers[1])
    if not louder.any():
        return _mean(2, "both channels are silent")
    active = powers[:, louder >= np.percentile(louder, 95) * 10 ** (-ACTIVE_RANGE_DB / 10)]
    first, second, cross = active
    correlation = float(cross.sum() / max(np.sqrt(first.sum() * second.sum()), 1e-30))
    if abs(correlation) >= SAME_SOUND_CORRELATION:
        sign = 1.0 if correlation > 0 else -1.0
        # Channels wired in opposite phase would cancel each other in a plain mean.
        return ChannelPlan(((0.5, 0.5 * sign),), f"both channels hold the same sound (correlation {correlation:.2f})")
    difference_db = 10 * np.log10(np.maximum(first, 1e-12) / np.maximum(second, 1e-12))
    dominated = float((np.abs(difference_db) >= DOMINANCE_DB).mean())
    if dominated >= MIN_DOMINATED_SHARE:
        return _separate(2, f"one channel stands out by {DOMINANCE_DB:.0f} dB for {dominated:.0%} of the sound")
    return _mean(2, f"both channels hold the same scene (one stands out for only {dominated:.0%} of the sound)")


def _window_powers(chunks: Iterable[FloatArray], rate_hz: int) -> npt.NDArray[np.float64]:
    """Power of each channel and across the two, without DC, by window; shape (3, n_windows)."""
    window = max(1, rate_hz * WINDOW_MS // 1000)
    limit = LOOK_S * 1000 // WINDOW_MS
    found: list[npt.NDArray[np.float64]] = []
    left_over = np.zeros((2, 0), dtype=np.float32)
    for chunk in chunks:
        samples = np.concatenate([left_over, chunk], axis=1)
        n_whole = samples.shape[1] // window
        windows = samples[:, : n_whole * window].reshape(2, n_whole, window)
        windows = windows - windows.mean(axis=2, keepdims=True)
        found.append(np.einsum("cnw,dnw->cdn", windows, windows).reshape(4, n_whole)[[0, 3, 1]].astype(np.float64))
        left_over = samples[:, n_whole * window :]
    powers = np.concatenate([np.zeros((3, 0)), *found], axis=1)[:, :limit]
    return powers / window if powers.shape[1] else np.zeros((3, 1))


def _separate(n_channels: int, reason: str) -> ChannelPlan:
    return ChannelPlan(tuple(tuple(float(i == j) for j in range(n_channels)) for i in range(n_channels)), reason)


def _mean(n_channels: int, reason: str) -> ChannelPlan:
    return ChannelPlan((tuple(1.0 / n_channels for _ in range(n_channels)),), reason)
