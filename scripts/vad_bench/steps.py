"""The chain from webrtcvad's decisions to padded spans, one step at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.speech import SILERO_SPEECH, WEBRTC_SPEECH, SpeechRules
from pipeline.vad import Detector

_NEVER_DB = 200.0


def _ungated(rules: SpeechRules) -> SpeechRules:
    return replace(rules, gate_over_floor_db=-_NEVER_DB, gate_under_peak_db=_NEVER_DB, silence_db=-_NEVER_DB)


def _unsmoothed(rules: SpeechRules) -> SpeechRules:
    return replace(rules, onset=0.5, offset=0.5, smoothing_ms=0, min_speech_ms=0)


def _unpadded(rules: SpeechRules) -> SpeechRules:
    return replace(rules, padding_before_ms=0, padding_after_ms=0, merge_gap_ms=0)


SILERO_BARE = _unpadded(_ungated(SILERO_SPEECH))
"""Where silero hears speech, without padding: the truth for recordings that have no other."""

STEPS: Mapping[str, tuple[Detector, SpeechRules]] = {
    "webrtcvad alone": (Detector.WEBRTC, _unpadded(_unsmoothed(_ungated(WEBRTC_SPEECH)))),
    "+ energy gate": (Detector.WEBRTC, _unpadded(_unsmoothed(WEBRTC_SPEECH))),
    "+ hysteresis": (Detector.WEBRTC, _unpadded(WEBRTC_SPEECH)),
    "+ padding, merging": (Detector.WEBRTC, WEBRTC_SPEECH),
    "silero alone": (Detector.SILERO, _unpadded(_unsmoothed(_ungated(SILERO_SPEECH)))),
    "silero, padded": (Detector.SILERO, SILERO_SPEECH),
}
"""Each step has all those above it, up to the detector's own."""

FINAL = "+ padding, merging"
"""What the targets are about: the spans as they are used."""
