"""Frames do not depend on how the sound came, and what is not speech is not taken for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.speech import SPEECH_RULES, speech_spans
from pipeline.vad import QUIETEST_DB, Detector, Frames, Samples, new_analyser

MINUTE = 60 * 16_000


def frames_of(samples: Samples, detector: Detector, *cuts: int) -> Frames:
    analyser = new_analyser(detector)
    for part in np.split(samples, sorted(cuts)):
        analyser.feed(part)
    return analyser.finish()


def noise(n_samples: int, level: float, seed: int = 1) -> Samples:
    return (np.random.default_rng(seed).standard_normal(n_samples) * level).astype(np.float32)


def bursts(n_samples: int) -> Samples:
    """Voiced-like sound that comes and goes: a buzz of harmonics of a wandering pitch, four times a second."""
    times = np.arange(n_samples) / 16_000
    phase = 2 * np.pi * (120 * times + 5 * np.sin(2 * np.pi * times))
    buzz = np.sum([np.sin(n * phase) / n for n in range(1, 25)], axis=0)
    return np.asarray(0.1 * buzz * np.clip(np.sin(2 * np.pi * 4 * times), 0, 1), dtype=np.float32)


@pytest.mark.parametrize("detector", Detector)
@pytest.mark.parametrize("n_samples", [1, 479, 480, 481, 512, 513, 16_000, 1024 * 512 + 7])
def test_every_sample_lies_in_a_frame_and_no_frame_lies_beyond(detector: Detector, n_samples: int) -> None:
    frames = frames_of(noise(n_samples, 0.01), detector)
    length = frames.frame_ms * 16
    assert len(frames) == len(frames.energy_db) == -(-n_samples // length)
    assert frames.probability.min() >= 0
    assert frames.probability.max() <= 1


@pytest.mark.parametrize("detector", Detector)
def test_a_channel_without_samples_has_no_frames(detector: Detector) -> None:
    analyser = new_analyser(detector)
    analyser.feed(np.zeros(0, dtype=np.float32))
    frames = analyser.finish()
    assert len(frames) == len(frames.energy_db) == 0


@pytest.mark.parametrize("detector", Detector)
@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, 20 * 16_000), max_size=40))
def test_frames_do_not_depend_on_the_size_of_the_blocks(detector: Detector, cuts: list[int]) -> None:
    samples = bursts(20 * 16_000 + 77) + noise(20 * 16_000 + 77, 0.003)
    whole, parts = frames_of(samples, detector), frames_of(samples, detector, *cuts)
    assert np.array_equal(whole.probability, parts.probability)
    assert np.array_equal(whole.energy_db, parts.energy_db)


@pytest.mark.parametrize("detector", Detector)
def test_block_size_does_not_matter_across_the_inner_blocks_either(detector: Detector) -> None:
    samples = bursts(3 * 1024 * 512 + 99)
    whole, parts = frames_of(samples, detector), frames_of(samples, detector, *range(0, len(samples), 31_337))
    assert np.array_equal(whole.probability, parts.probability)
    assert np.array_equal(whole.energy_db, parts.energy_db)


def test_a_second_recording_is_not_coloured_by_the_first() -> None:
    samples = bursts(5 * 16_000)
    before = frames_of(samples, Detector.WEBRTC)
    frames_of(noise(MINUTE, 0.3), Detector.WEBRTC)
    assert np.array_equal(before.probability, frames_of(samples, Detector.WEBRTC).probability)


def test_energy_is_the_power_of_the_speech_band_in_db_of_full_scale() -> None:
    times = np.arange(MINUTE // 4) / 16_000
    tone = (0.5 * np.sin(2 * np.pi * 1000 * times)).astype(np.float32)
    hum = (0.5 * np.sin(2 * np.pi * 50 * times)).astype(np.float32)
    assert np.median(frames_of(tone, Detector.WEBRTC).energy_db) == pytest.approx(10 * np.log10(0.125), abs=0.1)
    assert np.median(frames_of(hum, Detector.WEBRTC).energy_db) < -40
    silence = frames_of(np.zeros(16_000, dtype=np.float32), Detector.WEBRTC)
    assert silence.energy_db == pytest.approx(QUIETEST_DB)


def test_a_click_is_limited_and_not_wrapped_round() -> None:
    samples = bursts(10 * 16_000) * np.float32(0.01)
    clicked = samples.copy()
    clicked[80_000] = 1.0
    plain, with_click = (frames_of(sound, Detector.WEBRTC).probability for sound in (samples, clicked))
    assert np.mean(plain != with_click) < 0.05


def _tone(hz: float) -> Samples:
    return (0.1 * np.sin(2 * np.pi * hz * np.arange(MINUTE) / 16_000)).astype(np.float32)


SPEECHLESS = {
    "digital silence": np.zeros(MINUTE, dtype=np.float32),
    "faint dither": noise(MINUTE, 1 / 32_768),
    "quiet white noise": noise(MINUTE, 0.003),
    "loud white noise": noise(MINUTE, 0.1),
    "a tone": _tone(1000.0),
    "mains hum": np.asarray(np.stack([_tone(50.0 * n) / n for n in range(1, 20)]).sum(axis=0), dtype=np.float32),
    "a constant offset": np.full(MINUTE, 0.2, dtype=np.float32),
}


@pytest.mark.parametrize("detector", Detector)
@pytest.mark.parametrize("name", SPEECHLESS)
def test_sound_without_speech_has_no_speech_spans(detector: Detector, name: str) -> None:
    assert speech_spans(frames_of(SPEECHLESS[name], detector), SPEECH_RULES[detector]) == []


@pytest.mark.parametrize("rise_db", [10.0, 20.0])
def test_noise_that_sets_in_is_not_taken_for_speech(rise_db: float) -> None:
    samples = noise(MINUTE, 0.003)
    samples[MINUTE // 2 :] *= np.float32(10.0 ** (rise_db / 20.0))
    assert speech_spans(frames_of(samples, Detector.WEBRTC), SPEECH_RULES[Detector.WEBRTC]) == []


@pytest.mark.parametrize("seconds", [1, 3, 10, 40])
def test_a_recording_that_is_all_speech_is_not_taken_for_its_own_noise(seconds: int) -> None:
    spans = speech_spans(frames_of(bursts(seconds * 16_000), Detector.WEBRTC), SPEECH_RULES[Detector.WEBRTC])
    assert sum(span.duration_ms for span in spans) >= 900 * seconds


def test_a_quiet_speaker_after_a_loud_one_is_still_heard() -> None:
    pause = np.zeros(16_000, dtype=np.float32)
    loud = np.concatenate([bursts(3 * 16_000), pause] * 10)
    samples = np.concatenate([loud, loud * np.float32(0.1)]) + noise(2 * len(loud), 0.0001)
    spans = speech_spans(frames_of(samples, Detector.WEBRTC), SPEECH_RULES[Detector.WEBRTC])
    quiet_ms = sum(span.duration_ms for span in spans if span.start_ms >= 40_000)
    assert quiet_ms >= 0.9 * 30_000


@pytest.mark.parametrize("level", [1.0, 0.1, 0.05])
def test_voiced_bursts_are_found_at_any_level(level: float) -> None:
    silence = np.zeros(2 * 16_000, dtype=np.float32)
    samples = np.concatenate([silence, bursts(3 * 16_000) * level, silence]) + noise(7 * 16_000, 0.0005 * level)
    (span,) = speech_spans(frames_of(samples, Detector.WEBRTC), SPEECH_RULES[Detector.WEBRTC])
    assert 1_400 <= span.start_ms <= 2_050
    assert 4_850 <= span.end_ms <= 5_600
