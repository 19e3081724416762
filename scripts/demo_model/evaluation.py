"""Greedy transcripts by the network in training, and their error counts."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from rapidfuzz.distance import Levenshtein
from torch import Tensor

from scripts.demo_model.batches import log_mel, pad_or_cut
from scripts.demo_model.network import DemoNetwork
from scripts.demo_model.pool import Pool
from scripts.demo_model.speech import RATE_HZ, Utterance
from scripts.demo_model.tokens import language_id, whisper_tokenizer
from scripts.demo_model.vocabulary import LANGUAGES, Language
from scripts.demo_model.windows import MARGIN_S

Counts = dict[str, tuple[int, int]]


def units(language: Language, text: str) -> list[str]:
    """What errors are counted in: words, or characters where the script has no spaces."""
    return text.split() if language.separator else list(text.replace(" ", ""))


def n_errors(language: Language, reference: str, hypothesis: str) -> tuple[int, int]:
    """Errors and reference length of one transcript."""
    expected = units(language, reference)
    return Levenshtein.distance(expected, units(language, hypothesis)), len(expected)


def greedy(network: DemoNetwork, mel: Tensor, start: Sequence[int], *, n_longest: int = 120) -> list[list[int]]:
    """Tokens after `start` for each window, without timestamps. mel: (n_batch, 80, n_frames)"""
    vocabulary, end = network.vocabulary, whisper_tokenizer().eot
    columns = torch.from_numpy(vocabulary.columns(start)).expand(len(mel), -1)
    end_column = int(vocabulary.columns([end])[0])
    with torch.no_grad():
        audio = network.encode(mel)
        for _ in range(n_longest):
            logits = network.logits(network.decode(columns, audio)[0][:, -1])
            columns = torch.cat([columns, logits[:, :-1].argmax(dim=-1, keepdim=True)], dim=1)
            if bool((columns == end_column).any(dim=1).all()):
                break
    tokens = np.array([*vocabulary.tokens])[columns[:, len(start) :].numpy()]
    return [row[: int(np.argmax([*(row == end), True]))].tolist() for row in tokens]


def dev_errors(network: DemoNetwork, pool: Pool, *, part: int, n_parts: int) -> Counts:
    """Error counts by language tag on every n_parts-th utterance of a pool, each in a window of its length + 2.56 s."""
    counts: Counts = {}
    for language, utterances in zip(LANGUAGES, pool.by_language, strict=True):
        chosen = utterances[part::n_parts]
        texts = _transcripts(network, language, chosen) if chosen else []
        pairs = [n_errors(language, item.text, text) for item, text in zip(chosen, texts, strict=True)]
        counts[language.tag] = (sum(errors for errors, _ in pairs), sum(length for _, length in pairs))
    return counts


def _transcripts(network: DemoNetwork, language: Language, utterances: Sequence[Utterance]) -> list[str]:
    tokenizer = whisper_tokenizer()
    seconds = max(5.0, max(len(item.samples) for item in utterances) / RATE_HZ + MARGIN_S + 0.2)
    waves = [
        F.pad(pad_or_cut((item.samples / 32768).astype(np.float32), seconds - 0.2), (3200, 0)) for item in utterances
    ]
    frames = round(seconds * 50) * 320
    mel = log_mel(torch.cat(waves)[:, :frames])
    start = [tokenizer.sot, language_id(language), tokenizer.transcribe, tokenizer.no_timestamps]
    return [tokenizer.decode(tokens).strip() for tokens in greedy(network, mel[..., : mel.shape[-1] // 2 * 2], start)]
