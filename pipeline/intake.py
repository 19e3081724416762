"""A recording taken in: one decode gives its quality figures and its segments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.values import Segment
from pipeline.audio import SAMPLE_RATE_HZ, AudioReader, ChannelPolicy
from pipeline.quality import QualityMeter, RecordingProbe, finished_probe
from pipeline.segmentation import SegmentRules, plan_segments
from pipeline.vad import Detector, new_analyser


@dataclass(frozen=True, slots=True)
class Intake:
    """What is known of a recording before anything in it is recognised."""

    probe: RecordingProbe
    segments: tuple[tuple[Segment, ...], ...]
    """One entry a transcribed channel, each in order of time; an entry without speech is empty."""


def take_in(
    path: Path,
    rules: SegmentRules,
    *,
    detector: Detector = Detector.WEBRTC,
    policy: ChannelPolicy = ChannelPolicy.AUTO,
) -> Intake:
    """Probe and segment a recording in one pass, in memory that hardly grows with it.

    Raises:
        AudioUnreadable: there is no sound that can be decoded.
        ModelUnavailable: the silero network is asked for and not installed.
    """
    with AudioReader(path, policy=policy) as reader:
        meter = QualityMeter(reader.format, reader.plan)
        analysers = [new_analyser(detector) for _ in reader.plan.weights]
        n_samples = 0
        for block in reader.blocks():
            meter.feed(block)
            n_samples += block.samples.shape[1]
            for analyser, samples in zip(analysers, block.samples, strict=True):
                analyser.feed(samples)
    probe = finished_probe(path, reader, meter)
    heard_ms = n_samples * 1000 // SAMPLE_RATE_HZ
    segments = tuple(
        tuple(plan_segments(analyser.finish(), rules, channel=channel, duration_ms=min(heard_ms, quality.duration_ms)))
        for channel, (analyser, quality) in enumerate(zip(analysers, probe.channels, strict=True))
    )
    return Intake(probe, segments)
