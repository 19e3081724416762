"""Voice activity per frame: webrtcvad decisions or silero probabilities, each beside the frame's energy.

Analysers take sound in blocks of any size and give the same frames for the same samples: inside they work on blocks
of one fixed size, so memory does not grow with the recording beyond five bytes a frame.
"""

from __future__ import annotations

import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.errors import ModelUnavailable

Samples = npt.NDArray[np.float32]
Curve = npt.NDArray[np.float32]
"""One value a frame."""

SAMPLE_RATE_HZ = 16_000
QUIETEST_DB = -100.0
"""Energy of digital silence: no frame is called quieter."""
_BLOCK_FRAMES = 1024
_SPEECH_BAND_HZ = (150.0, 6000.0)
_WEBRTC_LEVEL_DB = -22.0
_LOUD_PERCENTILE = 99
_LARGEST_GAIN_DB = 40.0


class Detector(StrEnum):
    """Which voice-activity detector judges the frames."""

    WEBRTC = "webrtc"
    SILERO = "silero"


@dataclass(frozen=True, slots=True)
class Frames:
    """What a detector found in one channel; frame i covers `[i * frame_ms, (i + 1) * frame_ms)`.

    The last frame may reach past the end of the sound.
    """

    frame_ms: int
    probability: Curve
    """Shape (n_frames,), of speech, in [0, 1]; webrtcvad says 0 or 1."""
    energy_db: Curve
    """Shape (n_frames,), mean power of the speech band in dB of full scale, in [-100, 0]."""

    def __len__(self) -> int:
        return len(self.probability)


class FrameAnalyser(Protocol):
    """Judges one channel of one recording; takes it in blocks, then gives all frames at once."""

    def feed(self, samples: Samples) -> None:
        """Take the next samples, shape (n,), 16 kHz mono in [-1, 1]; any n."""

    def finish(self) -> Frames:
        """All frames, the last partial one included; the analyser is spent."""


def new_analyser(detector: Detector) -> FrameAnalyser:
    """An analyser for one channel of one recording; detectors carry state and are never shared.

    Raises:
        ModelUnavailable: the silero network is not installed.
    """
    return WebrtcAnalyser() if detector is Detector.WEBRTC else SileroAnalyser()


class _BlockAnalyser(ABC):
    """What the detectors share: blocks of one size in, probabilities and energies out."""

    frame_ms: ClassVar[int]

    def __init__(self) -> None:
        self._blocks = _FixedBlocks(self.frame_ms)
        self._probability: list[Curve] = []
        self._energy_db: list[Curve] = []

    def feed(self, samples: Samples) -> None:
        """Take the next samples, shape (n,), 16 kHz mono in [-1, 1]; any n."""
        for frames in self._blocks.push(samples):
            self._take(frames)

    def finish(self) -> Frames:
        """All frames, the last partial one included; the analyser is spent."""
        for frames in self._blocks.rest():
            self._take(frames)
        return Frames(self.frame_ms, _joined(self._probability), _joined(self._energy_db))

    def _take(self, frames: Samples) -> None:
        energy_db = _band_energy_db(frames)
        self._energy_db.append(energy_db)
        self._probability.append(self._judge(frames, energy_db))

    @abstractmethod
    def _judge(self, frames: Samples, energy_db: Curve) -> Curve:
        """Probability of speech in each frame of a block, shape (n_frames,); called in order of time."""


class WebrtcAnalyser(_BlockAnalyser):
    """webrtcvad in mode 2 on frames of 30 ms.

    Source: the WebRTC project's Gaussian-mixture detector; mode 2 for its balance of misses and false alarms.
    """

    frame_ms = 30

    def __init__(self) -> None:
        import webrtcvad

        super().__init__()
        self._is_speech = webrtcvad.Vad(2).is_speech

    def _judge(self, frames: Samples, energy_db: Curve) -> Curve:
        is_speech = self._is_speech
        n_bytes = 2 * frames.shape[1]
        pcm = (np.clip(frames * _gain(energy_db), -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
        decisions = [is_speech(pcm[start : start + n_bytes], SAMPLE_RATE_HZ) for start in range(0, len(pcm), n_bytes)]
        return np.array(decisions, dtype=np.float32)


class SileroAnalyser(_BlockAnalyser):
    """The silero network on frames of 32 ms, from the ONNX file that faster-whisper ships.

    Source: snakers4/silero-vad v6, MIT; each frame is judged with the 64 samples before it and the LSTM's state.
    """

    frame_ms = 32
    _CONTEXT = 64

    def __init__(self) -> None:
        super().__init__()
        self._session = _silero_session()
        self._state = [np.zeros((1, 1, 128), dtype=np.float32) for _ in range(2)]
        self._context = np.zeros(self._CONTEXT, dtype=np.float32)

    def _judge(self, frames: Samples, energy_db: Curve) -> Curve:  # noqa: ARG002 - the network needs the sound alone
        contexts = np.vstack([self._context, frames[:-1, -self._CONTEXT :]])
        self._context = frames[-1, -self._CONTEXT :].copy()
        hidden, cell = self._state
        inputs = {"input": np.hstack([contexts, frames]), "h": hidden, "c": cell}
        probability, *self._state = self._session.run(None, inputs)
        return np.asarray(probability, dtype=np.float32).reshape(-1)


class _FixedBlocks:
    """Regroups samples into blocks of a fixed number of frames, so that results do not depend on how they came."""

    def __init__(self, frame_ms: int) -> None:
        self._frame_length = frame_ms * SAMPLE_RATE_HZ // 1000
        self._buffer = np.zeros(_BLOCK_FRAMES * self._frame_length, dtype=np.float32)
        self._n_filled = 0

    def push(self, samples: Samples) -> Iterator[Samples]:
        """Each full block, shape (_BLOCK_FRAMES, frame_length); valid until the next one is asked for."""
        position = 0
        while position < len(samples):
            n_taken = min(len(samples) - position, len(self._buffer) - self._n_filled)
            self._buffer[self._n_filled : self._n_filled + n_taken] = samples[position : position + n_taken]
            self._n_filled += n_taken
            position += n_taken
            if self._n_filled == len(self._buffer):
                yield self._buffer.reshape(_BLOCK_FRAMES, self._frame_length)
                self._n_filled = 0

    def rest(self) -> Iterator[Samples]:
        """What is left, the last frame filled up with silence; nothing if nothing is."""
        if self._n_filled:
            n_frames = -(-self._n_filled // self._frame_length)
            self._buffer[self._n_filled :] = 0.0
            self._n_filled = 0
            yield self._buffer[: n_frames * self._frame_length].reshape(n_frames, self._frame_length)


def _gain(energy_db: Curve) -> np.float32:
    """What brings a block to the level where webrtcvad tells speech from noise best.

    It misses quiet speech, and takes loud steady noise for speech. Source: docs/benchmarks/vad.md.
    """
    wanted_db = _WEBRTC_LEVEL_DB - float(np.percentile(energy_db, _LOUD_PERCENTILE))
    return np.float32(10.0 ** (min(max(wanted_db, -_LARGEST_GAIN_DB), _LARGEST_GAIN_DB) / 20.0))


def _band_energy_db(frames: Samples) -> Curve:
    """Mean power of the speech band of each frame, dB of full scale, shape (n_frames,).

    The band leaves out mains hum, wind and rumble below the speech formants.
    """
    window = np.hanning(frames.shape[1]).astype(np.float32)
    spectrum = np.fft.rfft(frames * window)
    bin_hz = SAMPLE_RATE_HZ / frames.shape[1]
    band = spectrum[:, round(_SPEECH_BAND_HZ[0] / bin_hz) : round(_SPEECH_BAND_HZ[1] / bin_hz)]
    power = 2.0 * (band.real**2 + band.imag**2).sum(axis=1) / (frames.shape[1] * float(np.sum(window**2)))
    floor = 10.0 ** (QUIETEST_DB / 10.0)
    energy_db: Curve = np.minimum(10.0 * np.log10(power + floor), 0.0).astype(np.float32)
    return energy_db


def _joined(blocks: list[Curve]) -> Curve:
    return np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.float32)


def _silero_session() -> Any:
    """The network on one thread; found without importing faster-whisper, which loads much more."""
    import onnxruntime

    spec = importlib.util.find_spec("faster_whisper")
    folders = list(spec.submodule_search_locations or []) if spec else []
    found = [file for folder in folders for file in Path(folder, "assets").glob("silero_vad_v6*.onnx")]
    if not found:
        raise ModelUnavailable(
            "the silero network (silero_vad_v6.onnx) is not installed: expected it inside the faster-whisper package, "
            "version 1.2 or later; install that, or choose the webrtc detector"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(found[0]), options, providers=["CPUExecutionProvider"])
