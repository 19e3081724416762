"""Scenes of known truth: speech at known times over a background at a known level."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from models.values import Span
from pipeline.vad import SAMPLE_RATE_HZ
from scripts.vad_bench.voices import SENTENCES, VARIANTS, Samples, Utterance, utterance

SNRS_DB = (20, 10, 5, 0)
SCENE_MS = 60_000
SCENES_PER_CONDITION = 3
_LEVEL = 10.0 ** (-26.0 / 20.0)
_N_BABBLERS = 8
_MAINS_HZ = 50


class Background(StrEnum):
    """What lies under the speech."""

    SILENCE = "silence"
    WHITE = "white noise"
    BABBLE = "babble"
    HUM = "mains hum"
    TONE = "tone"


@dataclass(frozen=True, slots=True)
class Scene:
    """A minute of sound in which every millisecond of speech is known."""

    background: Background
    snr_db: int | None
    """Speech over background, root mean square of both; None over silence."""
    samples: Samples
    spans: tuple[Span, ...]


def scenes(seed: int) -> Iterator[Scene]:
    """Every background at every level, several scenes each; the same seed gives the same scenes."""
    library = _library(random.Random(seed))
    for background in Background:
        for snr_db in SNRS_DB if background is not Background.SILENCE else (None,):
            for number in range(SCENES_PER_CONDITION):
                yield _scene(library, background, snr_db, seed=seed * 1000 + number)


def background_alone(background: Background, seed: int) -> Samples:
    """A minute of a background without speech, at the level of speech."""
    library = _library(random.Random(seed))
    return _sound(background, library, np.random.default_rng(seed)) * np.float32(_LEVEL)


def _library(rng: random.Random) -> list[Utterance]:
    """Every sentence, each in a voice and a speed of its own."""
    spoken = [(language, sentence) for language, sentences in SENTENCES.items() for sentence in sentences]
    return [
        utterance(language, sentence, variant=rng.choice(VARIANTS), words_per_minute=rng.randint(120, 190))
        for language, sentence in spoken
    ]


def _scene(library: list[Utterance], background: Background, snr_db: int | None, *, seed: int) -> Scene:
    clean, spans = _laid_out(library, random.Random(seed))
    if snr_db is None:
        return Scene(background, None, clean, spans)
    level = _LEVEL * 10.0 ** (-snr_db / 20.0)
    noise = _sound(background, library, np.random.default_rng(seed + 1)) * np.float32(level)
    return Scene(background, snr_db, clean + noise, spans)


def _laid_out(library: list[Utterance], rng: random.Random) -> tuple[Samples, tuple[Span, ...]]:
    """Utterances drawn at random with 1.5 to 5 seconds between them."""
    sound = np.zeros(SCENE_MS * SAMPLE_RATE_HZ // 1000, dtype=np.float32)
    spans: list[Span] = []
    at_ms = rng.randint(500, 4_000)
    while True:
        spoken = rng.choice(library)
        end = at_ms * SAMPLE_RATE_HZ // 1000 + len(spoken.samples)
        if end > len(sound):
            return sound, tuple(spans)
        sound[end - len(spoken.samples) : end] = spoken.samples
        spans += [Span(at_ms + span.start_ms, at_ms + span.end_ms) for span in spoken.spans]
        at_ms = end * 1000 // SAMPLE_RATE_HZ + rng.randint(1_500, 5_000)


def _sound(background: Background, library: list[Utterance], rng: np.random.Generator) -> Samples:
    """A minute of a background with a root mean square of 1."""
    n_samples = SCENE_MS * SAMPLE_RATE_HZ // 1000
    times = np.arange(n_samples) / SAMPLE_RATE_HZ
    match background:
        case Background.WHITE:
            sound = rng.standard_normal(n_samples)
        case Background.BABBLE:
            sound = np.sum([_talker(library, n_samples, rng) for _ in range(_N_BABBLERS)], axis=0)
        case Background.HUM:
            harmonics = range(1, 21)
            sound = np.sum([np.sin(2 * np.pi * _MAINS_HZ * n * times + n * n) / n for n in harmonics], axis=0)
        case Background.TONE:
            sound = np.sin(2 * np.pi * 1000 * times)
        case Background.SILENCE:
            return np.zeros(n_samples, dtype=np.float32)
    return np.asarray(sound / np.sqrt(np.mean(sound**2)), dtype=np.float32)


def _talker(library: list[Utterance], n_samples: int, rng: np.random.Generator) -> Samples:
    """One voice of the babble: sentences in a random order, without a breath between them."""
    order = rng.permutation(len(library))
    parts = [library[i].samples[library[i].spans[0].start_ms * 16 : library[i].spans[-1].end_ms * 16] for i in order]
    talk: Samples = np.resize(np.roll(np.concatenate(parts), int(rng.integers(n_samples))), n_samples)
    return talk
