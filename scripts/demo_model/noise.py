"""Noises and channels that the demo model must bear: hiss, babble, mains hum, the telephone."""

import random
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
import torchaudio

from scripts.demo_model.pool import Pool
from scripts.demo_model.speech import RATE_HZ

Wave = npt.NDArray[np.float32]
BANK_SECONDS = 30


def _white(generator: np.random.Generator, n_samples: int) -> Wave:
    return generator.standard_normal(n_samples, dtype=np.float32)


def _pink(generator: np.random.Generator, n_samples: int) -> Wave:
    spectrum = np.fft.rfft(_white(generator, n_samples))
    shaped = spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum))))
    return np.fft.irfft(shaped, n_samples).astype(np.float32)


def _hum(generator: np.random.Generator, n_samples: int) -> Wave:
    time = np.arange(n_samples) / RATE_HZ
    wave = np.zeros(n_samples)
    for harmonic in (1, 2, 3, 5, 7):
        wave += generator.uniform(0.1, 1) / harmonic * np.sin(2 * np.pi * (50 * harmonic * time + generator.uniform()))
    return wave.astype(np.float32) + 0.02 * _white(generator, n_samples)


def _babble(pool: Pool, rng: random.Random, n_samples: int) -> Wave:
    wave = np.zeros(n_samples, np.float32)
    for _ in range(6):
        position = 0
        while position < n_samples:
            utterance = pool.drawn(rng, rng.randrange(len(pool.by_language)), 1e9)
            assert utterance is not None
            piece = utterance.samples[: n_samples - position].astype(np.float32) / 32768
            wave[position : position + len(piece)] += piece
            position += len(piece) + rng.randrange(RATE_HZ // 2)
    return wave


class NoiseBank:
    """Half a minute each of several noises, of root-mean-square 1."""

    def __init__(self, pool: Pool, seed: int) -> None:
        n_samples = BANK_SECONDS * RATE_HZ
        generator, rng = np.random.default_rng(seed), random.Random(seed)
        makers: list[Callable[[], Wave]] = [
            lambda: _white(generator, n_samples),
            lambda: _pink(generator, n_samples),
            lambda: _hum(generator, n_samples),
            lambda: _babble(pool, rng, n_samples),
        ]
        self._kinds = [[_unit(make()) for _ in range(4)] for make in makers]

    def drawn(self, rng: random.Random, n_samples: int, *, shares: Sequence[int] = (3, 3, 2, 2)) -> Wave:
        """A stretch of one of the noises. shape (n_samples,), at most half a minute. shares: how often each kind."""
        noise = rng.choice(rng.choices(self._kinds, shares)[0])
        start = rng.randrange(len(noise) - n_samples + 1)
        return noise[start : start + n_samples]


def _unit(wave: Wave) -> Wave:
    return wave / float(np.sqrt(np.mean(wave**2)) + 1e-9)


def with_noise(wave: Wave, noise: Wave, snr_db: float) -> Wave:
    """Speech with noise at a signal-to-noise ratio in dB. Source: torchaudio.functional.add_noise."""
    mixed = torchaudio.functional.add_noise(torch.from_numpy(wave), torch.from_numpy(noise), torch.tensor(snr_db))
    result: Wave = mixed.numpy()
    return result


def through_telephone(wave: Wave) -> Wave:
    """The wave as a narrowband telephone passes it: 8 kHz sampling, nothing below 300 Hz."""
    narrow = torchaudio.functional.resample(torch.from_numpy(wave), RATE_HZ, RATE_HZ // 2, lowpass_filter_width=16)
    wide = torchaudio.functional.resample(narrow, RATE_HZ // 2, RATE_HZ)[: len(wave)]
    passed: Wave = torchaudio.functional.highpass_biquad(wide, RATE_HZ, 300.0).numpy()
    return passed
