"""How fast a recording is taken in: decoded, probed and segmented on one core."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.stream import AudioStream

from pipeline.intake import take_in
from pipeline.segmentation import SegmentRules
from pipeline.vad import SAMPLE_RATE_HZ, Detector, Samples, new_analyser

_RULES = SegmentRules(longest_ms=13_000, target_ms=9_000)
_RUNS = 5
_FORMATS = {
    "wav 16 kHz": ("wav", "pcm_s16le", 16_000),
    "wav 44.1 kHz": ("wav", "pcm_s16le", 44_100),
    "mp3 16 kHz": ("mp3", "mp3", 16_000),
    "mp3 44.1 kHz": ("mp3", "mp3", 44_100),
}


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds of sound a second, the best of five runs: other work on the machine only ever slows."""

    name: str
    wall: float
    cpu: float
    """By processor time: what the core does when nobody else wants it."""
    is_intake: bool
    """Whether it is the whole of decoding, probe and segmentation, for which there is a target."""


def intake_speeds(sound: Samples) -> Iterator[Speed]:
    """Probe, decoding and segmentation of one long mono recording in each format, on one core."""
    with _one_core(), tempfile.TemporaryDirectory() as folder:
        for name, (suffix, codec, rate_hz) in _FORMATS.items():
            path = Path(folder, f"sound{rate_hz}.{suffix}")
            _write(path, sound, codec=codec, rate_hz=rate_hz)
            yield _fastest(name, sound, partial(take_in, path, _RULES), is_intake=True)


def detector_speeds(sound: Samples) -> Iterator[Speed]:
    """The frames of each detector alone, on one core."""
    with _one_core():
        for detector in Detector:
            yield _fastest(f"frames by {detector}", sound, partial(_analyse, sound, detector), is_intake=False)


def _analyse(sound: Samples, detector: Detector) -> None:
    analyser = new_analyser(detector)
    analyser.feed(sound)
    analyser.finish()


def _fastest(name: str, sound: Samples, work: Callable[[], object], *, is_intake: bool) -> Speed:
    sound_s = len(sound) / SAMPLE_RATE_HZ
    runs = []
    for _ in range(_RUNS):
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        work()
        runs.append((time.perf_counter() - wall_s, time.process_time() - cpu_s))
    wall_s, cpu_s = (min(times) for times in zip(*runs, strict=True))
    return Speed(name, sound_s / wall_s, sound_s / cpu_s, is_intake)


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this process on one core, where the system can (Linux)."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _write(path: Path, sound: Samples, *, codec: str, rate_hz: int) -> None:
    pcm = (np.clip(sound, -1.0, 1.0) * 32_767).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = cast(AudioStream, container.add_stream(codec, rate=rate_hz))
        stream.layout = "mono"
        for start in range(0, len(pcm), SAMPLE_RATE_HZ):
            frame = av.AudioFrame.from_ndarray(pcm[None, start : start + SAMPLE_RATE_HZ], "s16", "mono")
            frame.rate = SAMPLE_RATE_HZ
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
