"""Log-mel features as Whisper was trained on, computed only for the audio there is.

Source: openai/whisper `audio.py` (80 or 128 Slaney mel bands, 25 ms Hann window, 10 ms hop at 16 kHz).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from pipeline.asr.recogniser import SAMPLE_RATE_HZ

FloatArray = npt.NDArray[np.float32]

WINDOW_SAMPLES = 400
HOP_SAMPLES = 160
FRAME_MS = HOP_SAMPLES * 1000 // SAMPLE_RATE_HZ
FULL_WINDOW_FRAMES = 3000
"""30 s, what every Whisper encoder has positions for."""

_SILENCE_LOG10 = -10.0
"""log10 of the floor 1e-10 that Whisper clamps mel power to: what digital silence comes out as."""
_DYNAMIC_RANGE_LOG10 = 8.0


def frame_count(n_samples: int) -> int:
    """Frames that a clip of `n_samples` fills, the last one perhaps only in part."""
    return -(-n_samples // HOP_SAMPLES)


def log_mel(samples: FloatArray, *, n_mels: int, n_frames: int) -> FloatArray:
    """Whisper's log-mel features of a clip followed by silence, shape (n_mels, n_frames).

    samples: shape (n_samples,), 16 kHz mono in [-1, 1]; must fit in `n_frames`.
    Equal to padding the clip with zeros to `n_frames` first, but the silence is filled in, not transformed.
    """
    n_heard = min(n_frames, frame_count(len(samples) + WINDOW_SAMPLES))
    half = WINDOW_SAMPLES // 2
    padded = np.zeros(n_heard * HOP_SAMPLES + WINDOW_SAMPLES, dtype=np.float32)
    padded[half : half + len(samples)] = samples
    padded[:half] = padded[half + 1 : 2 * half + 1][::-1]
    if n_heard == n_frames:
        _mirror_end(padded, n_frames)
    power = _power_spectrum(padded, n_heard)
    features = np.full((n_mels, n_frames), _SILENCE_LOG10, dtype=np.float32)
    features[:, :n_heard] = np.log10(np.maximum(_mel_filters(n_mels) @ power, 1e-10))
    np.maximum(features, features.max() - _DYNAMIC_RANGE_LOG10, out=features)
    features += 4.0
    features /= 4.0
    return features


def _mirror_end(padded: FloatArray, n_frames: int) -> None:
    """Reflect the last half window, as a centred transform of exactly `n_frames` does."""
    half = WINDOW_SAMPLES // 2
    end = half + n_frames * HOP_SAMPLES
    padded[end : end + half] = padded[end - half - 1 : end - 1][::-1]


def _power_spectrum(padded: FloatArray, n_frames: int) -> FloatArray:
    """|STFT|^2, shape (n_bins, n_frames)."""
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::HOP_SAMPLES][:n_frames]
    spectrum = np.fft.rfft(windows * _hann(), axis=1)
    return (spectrum.real**2 + spectrum.imag**2).T.astype(np.float32)


@lru_cache(maxsize=1)
def _hann() -> FloatArray:
    return np.hanning(WINDOW_SAMPLES + 1)[:-1].astype(np.float32)


@lru_cache(maxsize=2)
def _mel_filters(n_mels: int) -> FloatArray:
    """Slaney-scale triangular filters of equal area, shape (n_mels, n_bins).

    Source: librosa.filters.mel(sr=16000, n_fft=400), which openai/whisper ships as `mel_filters.npz`.
    """
    edges_hz = _mel_to_hz(np.linspace(0.0, _hz_to_mel(SAMPLE_RATE_HZ / 2), n_mels + 2))
    bins_hz = np.fft.rfftfreq(WINDOW_SAMPLES, 1 / SAMPLE_RATE_HZ)
    width = np.diff(edges_hz)
    ramps = edges_hz[:, None] - bins_hz[None, :]
    rising = -ramps[:-2] / width[:-1, None]
    falling = ramps[2:] / width[1:, None]
    area = 2.0 / (edges_hz[2:] - edges_hz[:-2])
    return (np.maximum(0.0, np.minimum(rising, falling)) * area[:, None]).astype(np.float32)


_LINEAR_HZ_PER_MEL = 200.0 / 3.0
_LOG_START_HZ = 1000.0
_LOG_START_MEL = _LOG_START_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0


def _hz_to_mel(hz: float) -> float:
    """Slaney's mel scale: linear below 1 kHz, logarithmic above."""
    if hz < _LOG_START_HZ:
        return hz / _LINEAR_HZ_PER_MEL
    return float(_LOG_START_MEL + np.log(hz / _LOG_START_HZ) / _LOG_STEP)


def _mel_to_hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear = mel * _LINEAR_HZ_PER_MEL
    return np.where(mel < _LOG_START_MEL, linear, _LOG_START_HZ * np.exp(_LOG_STEP * (mel - _LOG_START_MEL)))
