"""Batches of windows as the network takes them: log-mel features, token columns, and where each token is heard."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
import torchaudio
from torch import Tensor
from whisper.audio import HOP_LENGTH, N_FFT, mel_filters

from scripts.demo_model.noise import Wave
from scripts.demo_model.tokens import FRAMES_PER_SECOND, CompactVocabulary
from scripts.demo_model.vocabulary import LANGUAGES
from scripts.demo_model.windows import IGNORED, Target, Window, WindowMaker

WORD_CLASS = {
    (language.tag, word.text): index
    for index, (language, word) in enumerate(((lang, word) for lang in LANGUAGES for word in lang.words), start=1)
}
N_FRAME_CLASSES = len(WORD_CLASS) + 1


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of one length.

    mel: (n_batch, 80, n_frames). columns, owed: (n_batch, n_tokens), columns of the compact vocabulary; -1: nothing.
    heard: (n_batch, n_tokens, 2), first and last audio frame where the owed token is heard, -1 for anywhere.
    words: (n_batch, n_frames / 2), the word spoken in each frame, 0 for none.
    """

    mel: Tensor
    columns: Tensor
    owed: Tensor
    heard: Tensor
    words: Tensor


def log_mel(waves: Tensor) -> Tensor:
    """Whisper's features, each window by itself. waves: (n_batch, n_samples) -> (n_batch, 80, n_samples / 160).

    Source: openai-whisper, audio.py, log_mel_spectrogram (which takes the maximum over the whole batch).
    """
    spectrum = torch.stft(waves, N_FFT, HOP_LENGTH, window=torch.hann_window(N_FFT), return_complex=True)
    power = spectrum[..., :-1].abs() ** 2
    features = (mel_filters("cpu", 80) @ power).clamp(min=1e-10).log10()
    floor = features.amax(dim=(1, 2), keepdim=True) - 8.0
    return (torch.maximum(features, floor) + 4.0) / 4.0


class BatchMaker:
    """Draws batches; SpecAugment masks half of them. Source: Park et al. 2019, arXiv:1904.08779."""

    def __init__(self, maker: WindowMaker, vocabulary: CompactVocabulary) -> None:
        self._maker, self._vocabulary = maker, vocabulary
        self._masks = (
            torchaudio.transforms.FrequencyMasking(12, iid_masks=True),
            torchaudio.transforms.TimeMasking(20, iid_masks=True),
        )

    def batch(self, rng: random.Random, n_windows: int, seconds: float, hardness: float = 1.0) -> Batch:
        """Windows of this length with what they owe."""
        windows = [self._maker.window(rng, seconds, hardness) for _ in range(n_windows)]
        targets = [self._maker.target(rng, window) for window in windows]
        mel = log_mel(torch.from_numpy(np.stack([window.wave for window in windows])))
        if rng.random() < 0.5 * hardness:
            for mask in self._masks:
                mel = mask(mel)
        columns, owed, heard = self._columns(targets)
        return Batch(mel, columns, owed, heard, torch.from_numpy(np.stack([_words(window) for window in windows])))

    def _columns(self, targets: Sequence[Target]) -> tuple[Tensor, Tensor, Tensor]:
        longest = max(len(target.tokens) for target in targets)
        columns = np.zeros((len(targets), longest), np.int64)
        owed = np.full((len(targets), longest), IGNORED, np.int64)
        heard = np.full((len(targets), longest, 2), -1, np.int64)
        for row, target in enumerate(targets):
            length = len(target.tokens)
            columns[row, :length] = self._vocabulary.columns(target.tokens)
            is_owed = np.array(target.owed) >= 0
            owed[row, :length][is_owed] = self._vocabulary.columns([token for token in target.owed if token >= 0])
            spans = np.array(target.heard)
            frames = np.stack([np.maximum(0, np.floor(spans[:, 0] * 50)), np.ceil(spans[:, 1] * 50)], axis=1)
            heard[row, :length] = np.where(spans[:, 1:] < 0, -1, frames)
        return torch.from_numpy(columns), torch.from_numpy(owed), torch.from_numpy(heard)


def pad_or_cut(wave: Wave, seconds: float) -> Tensor:
    """A wave of exactly this length, zero-padded. shape (1, seconds * 16000)"""
    n_samples = round(seconds * 16_000)
    return F.pad(torch.from_numpy(wave), (0, max(0, n_samples - len(wave))))[None, :n_samples]


def _words(window: Window) -> "np.typing.NDArray[np.int64]":
    frames = np.zeros(len(window.wave) * FRAMES_PER_SECOND // 16_000, np.int64)
    for item in window.placed:
        for word, (start, end) in zip(item.utterance.words, item.utterance.spans, strict=True):
            first, last = (round((item.start_s + ms / 1000) * FRAMES_PER_SECOND) for ms in (start, end))
            frames[first:last] = WORD_CLASS[(item.utterance.language.tag, word.text)]
    return frames
