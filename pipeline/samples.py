"""Decoded samples as float32 arrays: from FFmpeg's formats, at other rates, with other channel counts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

FloatArray = npt.NDArray[np.float32]

LAYOUTS = ("mono", "stereo", "3.0", "4.0", "5.0", "5.1", "6.1", "7.1")
"""FFmpeg's names for one to eight channels; only the count matters, since no channels are mixed under these names."""

N_PLANES_MISCOUNTED = 8
"""PyAV 18 counts nine planes in a planar frame of eight channels; such sound goes through it interleaved."""

_INTEGER_SCALES = {"uint8": (128, 1 / 128), "int16": (0, 1 / 32_768), "int32": (0, 1 / 2_147_483_648)}


class RateConverter:
    """Changes the rate of a stream of float samples; the filter's state runs on from piece to piece."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz = from_hz
        self._is_idle = from_hz == to_hz
        self._resampler = AudioResampler(rate=to_hz)

    def convert(self, samples: FloatArray) -> FloatArray:
        """What is ready of the converted stream, shape (n_channels, n_samples)."""
        if self._is_idle:
            return samples
        layout = LAYOUTS[len(samples) - 1]
        if len(samples) == N_PLANES_MISCOUNTED:
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples.T).reshape(1, -1), "flt", layout)
        else:
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", layout)
        frame.rate = self._from_hz
        return _joined(self._resampler.resample(frame), len(samples))

    def rest(self, n_channels: int) -> FloatArray:
        """What was still in the filter when the stream ended."""
        return _joined([] if self._is_idle else self._resampler.resample(None), n_channels)


def float_samples(frame: AudioFrame) -> FloatArray:
    """A frame's samples, shape (n_channels, n_samples), integers scaled so that full scale is 1.0."""
    if frame.format.is_planar and frame.layout.nb_channels == N_PLANES_MISCOUNTED:
        (frame,) = AudioResampler(frame.format.packed).resample(frame)
    array = frame.to_ndarray()
    if not frame.format.is_planar:
        array = array.reshape(-1, frame.layout.nb_channels).T
    if array.dtype.name not in _INTEGER_SCALES:
        return np.ascontiguousarray(array, dtype=np.float32)
    centre, scale = _INTEGER_SCALES[array.dtype.name]
    samples = array.astype(np.float32, order="C")
    if centre:
        samples -= np.float32(centre)
    samples *= np.float32(scale)
    return samples


def with_channels(samples: FloatArray, n_channels: int) -> FloatArray:
    """The samples with this many channels: as they are, or their mean in each, since no order of channels is known."""
    if len(samples) == n_channels:
        return samples
    return np.repeat(samples.mean(axis=0, keepdims=True), n_channels, axis=0)


def _joined(frames: list[AudioFrame], n_channels: int) -> FloatArray:
    arrays = [float_samples(frame) for frame in frames]
    return np.concatenate(arrays, axis=1) if arrays else np.zeros((n_channels, 0), dtype=np.float32)
