"""Every step of the chain on the scenes of known truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pipeline.segmentation import SegmentRules, plan_segments
from pipeline.speech import speech_spans
from pipeline.vad import Detector
from scripts.vad_bench.recordings import frames_of
from scripts.vad_bench.scenes import SCENE_MS, Background, Scene, background_alone
from scripts.vad_bench.scores import Counts, score
from scripts.vad_bench.steps import STEPS

Condition = tuple[Background, int | None]
_RULES = SegmentRules(longest_ms=13_000, target_ms=9_000)
SEGMENTS = "segments"


def scene_results(scenes: Iterable[Scene]) -> dict[Condition, dict[str, Counts]]:
    """Counts of each step, and of the segments made in the end, for each background and level."""
    totals: dict[Condition, dict[str, Counts]] = defaultdict(lambda: dict.fromkeys((*STEPS, SEGMENTS), Counts()))
    for scene in scenes:
        frames = frames_of(scene.samples)
        total = totals[scene.background, scene.snr_db]
        for step, (detector, rules) in STEPS.items():
            total[step] += score(scene.spans, speech_spans(frames[detector], rules), duration_ms=SCENE_MS)
        segments = plan_segments(frames[Detector.WEBRTC], _RULES, channel=0, duration_ms=SCENE_MS)
        total[SEGMENTS] += score(scene.spans, [segment.span for segment in segments], duration_ms=SCENE_MS)
    return dict(totals)


def alone_results(seed: int) -> dict[Background, dict[str, float]]:
    """Share of a minute of each background without any speech that each step calls speech."""
    results: dict[Background, dict[str, float]] = {}
    for background in Background:
        frames = frames_of(background_alone(background, seed))
        results[background] = {
            step: sum(span.duration_ms for span in speech_spans(frames[detector], rules)) / SCENE_MS
            for step, (detector, rules) in STEPS.items()
        }
    return results
