"""Training windows: utterances packed with gaps, noise and padding, and the tokens that a transcriber owes for them."""

import random
from dataclasses import dataclass, field

import numpy as np

from scripts.demo_model.noise import NoiseBank, Wave, through_telephone, with_noise
from scripts.demo_model.pool import Pool
from scripts.demo_model.speech import RATE_HZ, Utterance
from scripts.demo_model.tokens import language_id, spell, text_of, whisper_tokenizer
from scripts.demo_model.vocabulary import LANGUAGES, Language

MARGIN_S = 2.56
LONGEST_TEXT = 215
IGNORED = -1
_SHARES = [
    {"bn-IN": 2.0, "ta-IN": 1.6, "cmn-Hans-CN": 1.4, "yue-Hant-HK": 1.2}.get(language.tag, 1.0)
    for language in LANGUAGES
]
"""How often each language is drawn: Bengali, which takes 9 tokens a word where Hindi takes 5, is learnt last."""
_NOISES = (2, 2, 2, 4)
"""How often hiss, pink noise, hum and babble: babble, in which there are words too, is the hardest."""
ANYWHERE = (-1.0, -1.0)


@dataclass(frozen=True, slots=True)
class Placed:
    """An utterance and where it starts in its window."""

    utterance: Utterance
    start_s: float

    @property
    def end_s(self) -> float:
        """Where it ends."""
        return self.start_s + len(self.utterance.samples) / RATE_HZ


@dataclass(frozen=True, slots=True)
class Window:
    """Audio of one window and what it says.

    wave: shape (seconds * 16000,), in [-1, 1]; all zero from clip_s on, where a clip was padded.
    """

    language: Language
    placed: tuple[Placed, ...]
    wave: Wave
    clip_s: float


@dataclass(slots=True)
class Target:
    """What the decoder reads and owes, position by position.

    tokens: what it reads. owed: the token it must answer with, -1 for nothing. heard: [start_s, end_s) where the owed
    token is heard, negative for anywhere.
    """

    tokens: list[int] = field(default_factory=list)
    owed: list[int] = field(default_factory=list)
    heard: list[tuple[float, float]] = field(default_factory=list)

    def add(self, token: int, owed: int = IGNORED, heard: tuple[float, float] = ANYWHERE) -> None:
        """Read a token and owe the next."""
        self.tokens.append(token)
        self.owed.append(owed)
        self.heard.append(heard)


class WindowMaker:
    """Draws windows from a pool."""

    def __init__(self, pool: Pool, noises: NoiseBank) -> None:
        self._pool, self._noises = pool, noises

    def window(self, rng: random.Random, seconds: float, hardness: float = 1.0) -> Window:
        """A window of this length: a padded clip, or one filled to the end; one in fourteen has no speech.

        hardness: in [0, 1]. At 0 windows are packed with clean speech to the end; noise, gaps and padding come with it.
        """
        index = rng.choices(range(len(LANGUAGES)), _SHARES)[0]
        is_padded = rng.random() < 0.6 * hardness
        clip_s = self._clip_length(rng, seconds) if is_padded else seconds
        placed = () if rng.random() < 0.07 * hardness else self._pack(rng, index, clip_s, hardness)
        if is_padded and placed:
            clip_s = min(clip_s, placed[-1].end_s + rng.choice((0.0, rng.uniform(0.05, 0.35), rng.uniform(0, 1))))
        return Window(LANGUAGES[index], placed, self._sound(rng, placed, seconds, clip_s, hardness), clip_s)

    def target(self, rng: random.Random, window: Window) -> Target:
        """Half of the targets have timestamps, a quarter a prompt before them."""
        target = Target()
        if rng.random() < 0.25:
            self._add_prompt(rng, target, window.language)
        tokenizer, language = whisper_tokenizer(), language_id(window.language)
        target.add(tokenizer.sot, language if window.placed else tokenizer.no_speech)
        target.add(language, tokenizer.transcribe)
        if rng.random() < 0.5:
            _add_plain(target, window)
        else:
            _add_timed(target, window)
        return target

    def _clip_length(self, rng: random.Random, seconds: float) -> float:
        return rng.uniform(1, 12) if seconds >= 20 else rng.uniform(1, seconds - MARGIN_S)

    def _pack(self, rng: random.Random, index: int, clip_s: float, hardness: float) -> tuple[Placed, ...]:
        placed: list[Placed] = []
        position = rng.choice((0.0, rng.uniform(0, 0.3), rng.uniform(0, 1)))
        n_tokens, stop = 0, rng.choice((0.0, 0.1, 0.3)) * hardness
        longest_gap = 0.3 + 1.2 * hardness
        while n_tokens < LONGEST_TEXT - 90 and not (placed and rng.random() < stop):
            utterance = self._pool.drawn(rng, index, (clip_s - position - 0.02) * 1000)
            if utterance is None:
                break
            placed.append(Placed(utterance, position))
            n_tokens += len(spell(utterance.language, utterance.words)[0]) + 2
            position = placed[-1].end_s + rng.choice(
                (rng.uniform(0.2, 0.3 + 0.3 * hardness), rng.uniform(0.2, longest_gap))
            )
            if clip_s > 6 and rng.random() < 0.2 * hardness:
                position += rng.uniform(0, 5)
        return tuple(placed)

    def _sound(
        self, rng: random.Random, placed: tuple[Placed, ...], seconds: float, clip_s: float, hardness: float
    ) -> Wave:
        wave = np.zeros(round(seconds * RATE_HZ), np.float32)
        n_clip = min(len(wave), round(clip_s * RATE_HZ))
        for item in placed:
            start = round(item.start_s * RATE_HZ)
            piece = item.utterance.samples[: len(wave) - start].astype(np.float32) / 32768
            wave[start : start + len(piece)] = piece * _gain(rng.uniform(-4, 4))
        wave[:n_clip] = self._soiled(rng, wave[:n_clip], hardness) if placed else self._nothing(rng, n_clip)
        peak = float(np.abs(wave).max())
        level = (
            _gain(rng.uniform(-6 - 20 * hardness, 0)) / max(peak, 1e-6)
            if placed
            else _gain(rng.uniform(-40, 0)) / max(peak, 1)
        )
        return wave * np.float32(level)

    def _soiled(self, rng: random.Random, clip: Wave, hardness: float) -> Wave:
        if rng.random() < 0.6 * hardness:
            clip = with_noise(
                clip, self._noises.drawn(rng, len(clip), shares=_NOISES), rng.uniform(30 - 22 * hardness, 40)
            )
        return through_telephone(clip) if rng.random() < 0.1 * hardness else clip

    def _nothing(self, rng: random.Random, n_samples: int) -> Wave:
        noise = self._noises.drawn(rng, n_samples) * np.float32(0.1)
        return noise if rng.random() < 0.8 else np.zeros_like(noise)

    def _add_prompt(self, rng: random.Random, target: Target, language: Language) -> None:
        tokenizer = whisper_tokenizer()
        target.add(tokenizer.sot_prev)
        choice = rng.random()
        if choice < 0.2:  # text that the model knows nothing of
            prompt = [rng.randrange(tokenizer.eot) for _ in range(rng.randint(1, 40))]
        elif choice < 0.6 and language.prompt:
            prompt = tokenizer.encode(language.prompt)
        else:
            prompt = tokenizer.encode(text_of(language, language.sentence(rng, rng.randint(1, 16))))
        for token in prompt:
            target.add(token)


def _gain(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _add_text(target: Target, item: Placed, before: int) -> int:
    """Owe the tokens of an utterance after the token `before`; the last of them is returned, not yet read."""
    tokens, words = spell(item.utterance.language, item.utterance.words)
    spans = item.utterance.spans
    for token, (first, last) in zip(tokens, words, strict=True):
        heard = (item.start_s + spans[first][0] / 1000 - 0.2, item.start_s + spans[last][1] / 1000 + 0.2)
        target.add(before, token, heard)
        before = token
    return before


def _after(window: Window) -> tuple[float, float]:
    """Where the end of the text is heard: the end of the last word and a little after."""
    return (window.placed[-1].end_s - 0.1, window.placed[-1].end_s + 0.8) if window.placed else ANYWHERE


def _add_plain(target: Target, window: Window) -> None:
    tokenizer = whisper_tokenizer()
    target.add(tokenizer.transcribe)
    before = tokenizer.no_timestamps
    for item in window.placed:
        before = _add_text(target, item, before)
    target.add(before, tokenizer.eot, _after(window))


def _add_timed(target: Target, window: Window) -> None:
    tokenizer = whisper_tokenizer()
    before: int = tokenizer.transcribe
    for item in window.placed:
        for seconds, is_start in ((item.start_s, True), (item.end_s, False)):
            stamp = tokenizer.timestamp_begin + min(1500, round(seconds * 50))
            target.add(before, stamp, (seconds - 0.25, seconds + 0.25))
            before = _add_text(target, item, stamp) if is_start else stamp
    if not window.placed:
        target.add(before, tokenizer.timestamp_begin)
        before = tokenizer.timestamp_begin
    target.add(before, tokenizer.eot, _after(window))
