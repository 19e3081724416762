"""A pool of utterances, spoken once and kept as int16 in one array."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import torch
import torchaudio

from scripts.demo_model.speech import RATE_HZ, Delivery, Samples, Speaker, Utterance
from scripts.demo_model.vocabulary import LANGUAGES, Language
from scripts.demo_model.voices import DrawnVoices

WORDS_IN_UTTERANCE = (1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8)
SPEEDS = (0.9, 0.95, 1.0, 1.0, 1.0, 1.05, 1.1)


@dataclass(frozen=True)
class Pool:
    """Utterances of all languages, those of one language in ascending order of duration.

    durations_ms[i]: shape (n_utterances of language i,), the lengths of by_language[i], for bisection.
    """

    by_language: tuple[tuple[Utterance, ...], ...]
    durations_ms: tuple[npt.NDArray[np.int64], ...]

    @classmethod
    def of(cls, utterances: Sequence[Utterance]) -> "Pool":
        """A pool of these utterances."""
        ordered = sorted(utterances, key=lambda utterance: len(utterance.samples))
        groups = tuple(tuple(u for u in ordered if u.language.tag == language.tag) for language in LANGUAGES)
        return cls(groups, tuple(np.array([u.duration_ms for u in group]) for group in groups))

    def drawn(self, rng: random.Random, language_index: int, longest_ms: float) -> Utterance | None:
        """An utterance of at most this length; None when there is none."""
        n_fitting = int(np.searchsorted(self.durations_ms[language_index], longest_ms, side="right"))
        return self.by_language[language_index][rng.randrange(n_fitting)] if n_fitting else None


def speak_pool(n_utterances: int, *, variants: Sequence[str], seed: str) -> Pool:
    """Speak a pool: languages in turn, free word order, drawn deliveries and speeds; a seed, a pool."""
    rng, speaker = random.Random(seed), Speaker()
    languages = (LANGUAGES[index % len(LANGUAGES)] for index in range(n_utterances))
    return Pool.of([speak_drawn(speaker, language, rng, variants) for language in languages])


def speak_varied_pool(n_utterances: int, *, variants: Sequence[str], seed: str) -> Pool:
    """A pool in which every other utterance has a voice of its own, drawn for it."""
    with TemporaryDirectory(prefix="voices-") as folder:
        rng, voices = random.Random(seed), DrawnVoices(Path(folder), Speaker().data())
        speaker = Speaker(Path(folder))
        pool: list[Utterance] = []
        while len(pool) < n_utterances:
            language = LANGUAGES[len(pool) // 2 % len(LANGUAGES)]
            names = variants if len(pool) % 2 else (voices.draw(rng),)
            pool.append(speak_drawn(speaker, language, rng, names))
        return Pool.of(pool)


def speak_drawn(speaker: Speaker, language: Language, rng: random.Random, variants: Sequence[str]) -> Utterance:
    """One utterance in free word order, as training hears it."""
    words = language.sentence(rng, rng.choice(WORDS_IN_UTTERANCE))
    return with_speed(speaker.speak(language, words, Delivery.drawn(rng, variants)), rng.choice(SPEEDS))


def with_speed(utterance: Utterance, factor: float) -> Utterance:
    """The utterance played at another speed, pitch and all."""
    if factor == 1.0:
        return utterance
    wave = torch.from_numpy(utterance.samples.astype(np.float32))
    faster: Samples = torchaudio.functional.speed(wave, RATE_HZ, factor)[0].clamp(-32768, 32767).to(torch.int16).numpy()
    spans = tuple((round(start / factor), round(end / factor)) for start, end in utterance.spans)
    return Utterance(utterance.language, utterance.words, spans, faster, utterance.delivery)
