"""Speech spans from frames: an energy gate that follows the noise floor, smoothing, hysteresis, padding, merging."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.values import Span
from pipeline.vad import Curve, Detector, Frames

Mask = npt.NDArray[np.bool_]
Times = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SpeechRules:
    """How frames become speech spans; the defaults belong to webrtcvad."""

    onset: float = 0.6
    """A span must reach this smoothed probability somewhere ..."""
    offset: float = 0.3
    """... and lasts, to both sides, as long as it stays at or above this one."""
    smoothing_ms: int = 240
    """Probabilities are averaged over about this much time around each frame."""
    min_speech_ms: int = 200
    """Shorter spans are dropped, before padding."""
    padding_before_ms: int = 200
    padding_after_ms: int = 250
    """Padding never goes past half the gap to the neighbour."""
    merge_gap_ms: int = 200
    """Spans that lie closer than this after padding become one."""
    gate_over_floor_db: float = 3.5
    """A frame counts as speech only this far over the noise floor around it, less where noise is steady ..."""
    gate_under_peak_db: float = 40.0
    """... at most this far under the loudest of its surroundings ..."""
    silence_db: float = -80.0
    """... and never below this."""
    surroundings_ms: int = 30_000
    """Floor and peak are taken over this much time, half of it before a frame and half after."""

    def __post_init__(self) -> None:
        if not 0.0 < self.offset <= self.onset <= 1.0:
            raise ValueError(f"speech rules need 0 < offset <= onset <= 1, got {self.offset} and {self.onset}")


WEBRTC_SPEECH = SpeechRules()
SILERO_SPEECH = SpeechRules(
    onset=0.5, offset=0.35, smoothing_ms=0, min_speech_ms=100, gate_over_floor_db=-100.0, gate_under_peak_db=60.0
)
SPEECH_RULES = {Detector.WEBRTC: WEBRTC_SPEECH, Detector.SILERO: SILERO_SPEECH}

_SURROUNDINGS_PERCENTILES = (1, 10, 99)
_GATE_PER_WAVERING = 5.0
"""Noise wavers around its mean about as far up as down, and seldom by five times what its lowest tenth spans."""
_LEAST_OVER_FLOOR_DB = 1.5
_SURROUNDINGS_HOP = 48
_LEAST_SURROUNDINGS_MS = 5_000
_SURROUNDINGS_FRAMES = 5
_GATE_FRAMES = 3


def speech_spans(frames: Frames, rules: SpeechRules) -> list[Span]:
    """Where there is speech, padded; in order, never touching, possibly to the end of the last partial frame.

    Source: the hysteresis of WhisperX (onset 0.5, offset 0.363) on webrtcvad decisions averaged over a quarter of a
    second as py-webrtcvad's example does; all values from docs/benchmarks/vad.md.
    """
    passed = np.where(is_loud(frames, rules), frames.probability, np.float32(0.0))
    score = moving_average(passed, rules.smoothing_ms // frames.frame_ms)
    starts, ends = runs(score >= rules.offset)
    if not len(starts):
        return []
    # Between runs the score is below the offset, so the maximum up to the next run is that of the run itself.
    has_onset = np.maximum.reduceat(score, starts) >= rules.onset
    is_kept = has_onset & ((ends - starts) * frames.frame_ms >= rules.min_speech_ms)
    starts_ms, ends_ms = starts[is_kept] * frames.frame_ms, ends[is_kept] * frames.frame_ms
    return _padded(starts_ms, ends_ms, len(frames) * frames.frame_ms, rules)


def is_loud(frames: Frames, rules: SpeechRules) -> Mask:
    """Which frames pass the energy gate, shape (n_frames,)."""
    lowest, floor, peak = _surroundings(frames, rules)
    wavering_db = np.maximum(_GATE_PER_WAVERING * (floor - lowest), _LEAST_OVER_FLOOR_DB)
    gate = np.maximum(floor + np.minimum(wavering_db, rules.gate_over_floor_db), peak - rules.gate_under_peak_db)
    return np.asarray(moving_average(frames.energy_db, _GATE_FRAMES) >= np.maximum(gate, rules.silence_db))


def moving_average(values: Curve, n_frames: int) -> Curve:
    """Mean over about `n_frames` (made odd) centred on each frame; at the ends over those that exist."""
    reach = n_frames // 2
    if reach == 0 or not len(values):
        return values
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    index = np.arange(len(values))
    low, high = np.maximum(index - reach, 0), np.minimum(index + reach + 1, len(values))
    mean: Curve = ((total[high] - total[low]) / (high - low)).astype(np.float32)
    return mean


def runs(mask: Mask) -> tuple[Times, Times]:
    """First and one-past-last index of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    return edges[::2], edges[1::2]


def _surroundings(frames: Frames, rules: SpeechRules) -> list[Curve]:
    """Lowest level, noise floor and loudest level around each frame, from running percentiles.

    They are taken of the time before and of the time after, and the higher floor counts: where noise sets in, the
    quiet before it must not open the gate.
    """
    energy = moving_average(frames.energy_db, _SURROUNDINGS_FRAMES)
    half, least = (ms // frames.frame_ms for ms in (rules.surroundings_ms // 2, _LEAST_SURROUNDINGS_MS))
    centres = np.arange(0, len(energy), _SURROUNDINGS_HOP)
    before = [energy[max(0, centre - half) : max(centre, least)] for centre in centres]
    after = [energy[max(0, min(centre, len(energy) - least)) : centre + half] for centre in centres]
    if not before:
        return [energy for _ in _SURROUNDINGS_PERCENTILES]
    sides = np.array(
        [[np.percentile(window, _SURROUNDINGS_PERCENTILES) for window in side] for side in (before, after)]
    )
    higher = np.argmax(sides[:, :, 1], axis=0)
    lowest, floor, _ = sides[higher, np.arange(len(centres))].T
    index = np.arange(len(energy))
    curves = (lowest, floor, sides[:, :, 2].max(axis=0))
    return [np.interp(index, centres, curve).astype(np.float32) for curve in curves]


def _padded(starts: Times, ends: Times, duration_ms: int, rules: SpeechRules) -> list[Span]:
    """Spans with padding, at most half of each gap, and near ones merged."""
    if not len(starts):
        return []
    halves = (starts[1:] - ends[:-1]) // 2
    room_before = np.concatenate([starts[:1], halves])
    room_after = np.concatenate([halves, [duration_ms - ends[-1]]])
    starts = starts - np.minimum(rules.padding_before_ms, room_before)
    ends = ends + np.minimum(rules.padding_after_ms, room_after)
    is_apart = starts[1:] - ends[:-1] >= max(rules.merge_gap_ms, 1)
    starts = starts[np.concatenate([[True], is_apart])]
    ends = ends[np.concatenate([is_apart, [True]])]
    return [Span(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]
