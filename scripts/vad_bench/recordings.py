"""Real recordings, judged beside silero: they have no truth of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.audio import read_samples
from pipeline.errors import AudioUnreadable
from pipeline.speech import speech_spans
from pipeline.vad import SAMPLE_RATE_HZ, Detector, Frames, Samples, new_analyser
from scripts.vad_bench.scores import COLLAR_MS, Counts, score
from scripts.vad_bench.steps import FINAL, SILERO_BARE, STEPS

QUIETER_DB = (0, 20, 40)


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step of the chain against silero's bare spans: frame by frame, and with a collar."""

    exact: Counts
    collared: Counts

    def __add__(self, other: StepResult) -> StepResult:
        return StepResult(self.exact + other.exact, self.collared + other.collared)


_NOTHING = StepResult(Counts(), Counts())


def load(folder: Path) -> dict[Path, Samples]:
    """The first channel of every wav and mp3 file in a folder that can be decoded."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".wav", ".mp3"))
    sounds: dict[Path, Samples] = {}
    for path in files:
        try:
            sounds[path] = read_samples(path)[0]
        except AudioUnreadable as fault:
            print(f"passed over: {fault}")
    return sounds


def frames_of(sound: Samples) -> Mapping[Detector, Frames]:
    """The frames of both detectors."""
    frames: dict[Detector, Frames] = {}
    for detector in Detector:
        analyser = new_analyser(detector)
        analyser.feed(sound)
        frames[detector] = analyser.finish()
    return frames


def step_results(sounds: Mapping[Path, Samples]) -> dict[str, StepResult]:
    """Every step over all recordings."""
    totals = dict.fromkeys(STEPS, _NOTHING)
    for sound in sounds.values():
        frames = frames_of(sound)
        truth = speech_spans(frames[Detector.SILERO], SILERO_BARE)
        for step, (detector, rules) in STEPS.items():
            found = speech_spans(frames[detector], rules)
            duration_ms = len(sound) * 1000 // SAMPLE_RATE_HZ
            totals[step] += StepResult(
                score(truth, found, duration_ms=duration_ms, collar_ms=0),
                score(truth, found, duration_ms=duration_ms, collar_ms=COLLAR_MS),
            )
    return totals


def quieter_results(sounds: Mapping[Path, Samples]) -> dict[int, Counts]:
    """The whole chain on the same recordings made quieter and rounded to 16 bits, by decibels taken off."""
    totals = dict.fromkeys(QUIETER_DB, Counts())
    detector, rules = STEPS[FINAL]
    for sound in sounds.values():
        duration_ms = len(sound) * 1000 // SAMPLE_RATE_HZ
        truth = speech_spans(frames_of(sound)[Detector.SILERO], SILERO_BARE)
        for quieter_db in QUIETER_DB:
            analyser = new_analyser(detector)
            analyser.feed((np.round(sound * 10.0 ** (-quieter_db / 20.0) * 32_768) / 32_768).astype(np.float32))
            found = speech_spans(analyser.finish(), rules)
            totals[quieter_db] += score(truth, found, duration_ms=duration_ms, collar_ms=0)
    return totals
