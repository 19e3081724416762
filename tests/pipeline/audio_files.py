"""Small sound files of every kind, written by PyAV for the tests."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream

FloatArray = npt.NDArray[np.float32]

KINDS = {
    "wav16": ("wav", "pcm_s16le", 16_000),
    "wav24": ("wav", "pcm_s24le", 44_100),
    "wav8": ("wav", "pcm_u8", 11_025),
    "wav32": ("wav", "pcm_s32le", 22_050),
    "wavfloat": ("wav", "pcm_f32le", 48_000),
    "mulaw": ("wav", "pcm_mulaw", 8_000),
    "alaw": ("au", "pcm_alaw", 8_000),
    "aiff": ("aiff", "pcm_s16be", 32_000),
    "flac": ("flac", "flac", 16_000),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "m4a": ("ipod", "aac", 44_100),
    "adts": ("adts", "aac", 22_050),
    "opus": ("ogg", "libopus", 48_000),
    "webm": ("webm", "libopus", 48_000),
    "amr": ("amr", "libopencore_amrnb", 8_000),
    "3gp": ("3gp", "libopencore_amrnb", 8_000),
    "wma": ("asf", "wmav2", 44_100),
    "mka": ("matroska", "pcm_s16le", 16_000),
    "caf": ("caf", "pcm_s16be", 16_000),
}
"""Name: container, codec, sample rate."""

LAYOUTS = ("mono", "stereo", "3.0", "4.0", "5.0", "5.1", "6.1", "7.1")


def tone(duration_s: float, rate_hz: int, frequency_hz: float = 440.0, *, peak: float = 0.25) -> FloatArray:
    """A sine, shape (1, n_samples)."""
    time = np.arange(round(duration_s * rate_hz)) / rate_hz
    sound: FloatArray = (peak * np.sin(2 * np.pi * frequency_hz * time)).astype(np.float32)
    return sound[None]


def speech_like(duration_s: float, rate_hz: int, *, seed: int = 0, peak: float = 0.3) -> FloatArray:
    """Noise with the slow rise and fall and the pauses of speech, shape (1, n_samples)."""
    rng = np.random.default_rng(seed)
    n_samples = round(duration_s * rate_hz)
    steps = rng.choice([0.0, 0.0, 0.3, 0.6, 1.0], size=n_samples * 4 // rate_hz + 2)
    envelope = np.interp(np.arange(n_samples), np.arange(len(steps)) * rate_hz / 4, steps)
    coloured = np.convolve(rng.standard_normal(n_samples), np.hanning(9) / 4, mode="same")
    sound: FloatArray = (peak * envelope * coloured / np.abs(coloured).max()).astype(np.float32)
    return sound[None]


def write(
    path: Path, samples: FloatArray, rate_hz: int, *, container: str, codec: str, options: dict[str, str] | None = None
) -> Path:
    """A file of these samples, shape (n_channels, n_samples)."""
    layout = LAYOUTS[len(samples) - 1]
    with av.open(path, "w", format=container, options=options) as output:
        stream = output.add_stream(codec, rate=rate_hz, layout=layout)
        assert isinstance(stream, AudioStream)
        if codec == "wmav2":
            stream.bit_rate = 64_000
        context = stream.codec_context
        converter = av.AudioResampler(context.format, layout, rate_hz, context.frame_size or 1_024)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T).reshape(1, -1), "flt", layout)
        frame.rate = rate_hz
        for piece in [*converter.resample(frame), *converter.resample(None)]:
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return path


def write_kind(folder: Path, kind: str, samples: FloatArray | None = None) -> Path:
    """A file of one of `KINDS`: one second of a tone unless told otherwise."""
    container, codec, rate_hz = KINDS[kind]
    sound = tone(1.0, rate_hz) if samples is None else samples
    return write(folder / f"{kind}.bin", sound, rate_hz, container=container, codec=codec)
