"""Loudness as ITU-R BS.1770-4 defines it: K-weighted power, gated, in LUFS."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.samples import FloatArray

PowerArray = npt.NDArray[np.float64]

STEP_MS = 100
STEPS_PER_BLOCK = 4
"""Gating blocks are 400 ms long and overlap by 75 %."""
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
OFFSET_LUFS = -0.691

REFERENCE_RATE_HZ = 48_000
PRE_FILTER = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
"""High shelf for the head's effect, (b, a) at 48 kHz. Source: ITU-R BS.1770-4, annex 1, table 1."""
RLB_FILTER = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""High pass, (b, a) at 48 kHz. Source: ITU-R BS.1770-4, annex 1, table 2."""

TAIL_MS = 100
"""The slowest pole of the weighting (38 Hz) has died away by more than 150 dB in this time."""
HOP_STEPS = 14
"""Steps per transform: with two tails 1.6 s, at 16 kHz 2^10 * 5^2 samples, the fastest length of those tried."""


class LoudnessMeter:
    """Power of the K-weighted sound in steps of 100 ms, of several channels at once.

    The filter is applied in the frequency domain, by overlap-save, with the standard's own magnitude response and no
    phase: only power is measured. What a file holds above half of `rate_hz` is not heard.
    """

    def __init__(self, n_channels: int, rate_hz: int) -> None:
        self._step = rate_hz * STEP_MS // 1000
        self._tail = rate_hz * TAIL_MS // 1000
        self._hop = HOP_STEPS * self._step
        self._length = self._hop + 2 * self._tail
        self._response = k_response(np.fft.rfftfreq(self._length, 1 / rate_hz)).astype(np.float32)
        self._waiting: FloatArray = np.zeros((n_channels, self._tail), dtype=np.float32)
        self._powers: list[FloatArray] = []

    def feed(self, samples: FloatArray) -> None:
        """Take in the next samples, shape (n_channels, n_samples)."""
        self._waiting = np.concatenate([self._waiting, samples], axis=1)
        while self._waiting.shape[1] >= self._length:
            self._powers.append(self._weighted_powers(self._waiting[:, : self._length]))
            self._waiting = self._waiting[:, self._hop :]

    def powers(self) -> PowerArray:
        """Mean square of every whole step so far, shape (n_channels, n_steps)."""
        n_channels = len(self._waiting)
        n_steps = (self._waiting.shape[1] - self._tail) // self._step
        padded = np.zeros((n_channels, 2 * self._length), dtype=np.float32)
        padded[:, : self._waiting.shape[1]] = self._waiting
        ends = [self._weighted_powers(padded[:, at : at + self._length]) for at in (0, self._hop)]
        last = np.concatenate(ends, axis=1)[:, :n_steps]
        return np.concatenate([*self._powers, last], axis=1).astype(np.float64)

    def _weighted_powers(self, samples: FloatArray) -> FloatArray:
        weighted = np.fft.irfft(np.fft.rfft(samples, axis=1) * self._response, self._length, axis=1)
        steps = weighted[:, self._tail : self._tail + self._hop].reshape(len(samples), HOP_STEPS, self._step)
        return np.asarray(np.einsum("csn,csn->cs", steps, steps) / self._step, dtype=np.float32)


def k_response(frequencies_hz: npt.NDArray[np.floating]) -> PowerArray:
    """Magnitude of the K-weighting at frequencies up to 24 kHz."""
    delay = np.exp(-2j * np.pi * frequencies_hz / REFERENCE_RATE_HZ)
    response = np.ones_like(frequencies_hz)
    for b, a in (PRE_FILTER, RLB_FILTER):
        numerator, denominator = (c[0] + c[1] * delay + c[2] * delay**2 for c in (b, a))
        response *= np.abs(numerator / denominator)
    return response


def integrated_lufs(powers: PowerArray) -> float | None:
    """Gated loudness of one programme, in LUFS; None when nothing passes the absolute gate.

    powers: shape (n_channels, n_steps); the channels are heard together, as left, right or centre.
    Source: ITU-R BS.1770-4, annex 1; gates as in EBU R 128.
    """
    steps = powers.sum(axis=0)
    if len(steps) < STEPS_PER_BLOCK:
        return None
    blocks = np.convolve(steps, np.full(STEPS_PER_BLOCK, 1 / STEPS_PER_BLOCK), mode="valid")
    loud = blocks[blocks > _power(ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return None
    gated = loud[loud > loud.mean() * 10 ** (RELATIVE_GATE_LU / 10)]
    return float(OFFSET_LUFS + 10 * np.log10(gated.mean()))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET_LUFS) / 10))
