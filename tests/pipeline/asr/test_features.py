"""Features equal Whisper's own, whatever the window."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.asr.features import FULL_WINDOW_FRAMES, HOP_SAMPLES, frame_count, log_mel


def clip(seconds: float, *, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    n = int(seconds * 16_000)
    tone = np.sin(2 * np.pi * 440 * np.arange(n) / 16_000)
    return (0.3 * tone + 0.05 * rng.standard_normal(n)).astype(np.float32)


@pytest.mark.parametrize("n_mels", [80, 128])
@pytest.mark.parametrize("seconds", [0.5, 3.21, 29.99, 30.0])
def test_full_window_equals_faster_whisper(n_mels: int, seconds: float) -> None:
    from faster_whisper.feature_extractor import FeatureExtractor

    samples = clip(seconds)
    padded = np.pad(samples, (0, 480_000 - len(samples)))
    theirs = FeatureExtractor(feature_size=n_mels)(padded, padding=0)
    ours = log_mel(samples, n_mels=n_mels, n_frames=FULL_WINDOW_FRAMES)
    assert ours.shape == (n_mels, FULL_WINDOW_FRAMES)
    np.testing.assert_allclose(ours, theirs[:, :FULL_WINDOW_FRAMES], atol=2e-4)


@pytest.mark.train
def test_features_equal_openai_whisper() -> None:
    import torch
    import whisper

    samples = clip(4.0)
    theirs = whisper.log_mel_spectrogram(whisper.pad_or_trim(torch.from_numpy(samples))).numpy()
    np.testing.assert_allclose(log_mel(samples, n_mels=80, n_frames=FULL_WINDOW_FRAMES), theirs, atol=2e-4)


def test_short_window_is_the_beginning_of_the_full_one() -> None:
    samples = clip(4.0)
    short = log_mel(samples, n_mels=80, n_frames=640)
    full = log_mel(samples, n_mels=80, n_frames=FULL_WINDOW_FRAMES)
    np.testing.assert_array_equal(short, full[:, :640])


def test_silence_and_emptiness_are_finite() -> None:
    for samples in (np.zeros(0, np.float32), np.zeros(16_000, np.float32)):
        features = log_mel(samples, n_mels=80, n_frames=500)
        assert np.isfinite(features).all()


def test_a_part_frame_counts_as_a_frame() -> None:
    assert frame_count(0) == 0
    assert frame_count(HOP_SAMPLES) == 1
    assert frame_count(HOP_SAMPLES + 1) == 2
