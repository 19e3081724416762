"""Synthetic pairs of reference and hypothesis in five scripts, with known errors."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

N_SPEAKERS = 40
"""A dialect."""
N_WORDS = 30_000
"""Different words of an alphabetic script."""
N_HAN = 3_500
"""Characters in everyday use. Source: the list of common characters of 1988 has 3,500."""
MEAN_LENGTH = 12
"""Words of an utterance; for Han, characters and a half as many again."""
SUBSTITUTED, DELETED, INSERTED = 0.12, 0.04, 0.04
SPREAD = (0.4, 1.6)
"""Error rates of speakers, as multiples of the above: so that intervals have a width to find."""


@dataclass(frozen=True, slots=True)
class BenchPair:
    """An utterance as it comes, with punctuation and other bytes for the same letters, and its hypothesis."""

    dialect: str
    speaker: str
    reference: str
    hypothesis: str


@dataclass(frozen=True, slots=True)
class _Script:
    dialect: str
    consonants: str
    vowels: tuple[str, ...]
    stop: str
    aliases: tuple[tuple[str, str], ...] = ()
    """The same letter -> other bytes for it, put in at random: what normalisation has to undo."""


_SCRIPTS = (
    _Script(
        "hi-IN",
        "कखगघचछजझटठडढणतथदधनपफबभमयरलवशसह",
        ("", "ा", "ि", "ी", "ु", "ू", "े", "ै", "ो", "ौ", "ं", "्"),
        "।",
        (("ज", "ज\u200d"), ("ो", "ाे")),
    ),
    _Script(
        "ta-IN", "கஙசஞடணதநபமயரலவழளறன", ("", "ா", "ி", "ீ", "ு", "ூ", "ெ", "ே", "ை", "ொ", "்"), ".", (("ொ", "ெ\u0bbe"),)
    ),
    _Script(
        "bn-IN",
        "কখগঘচছজঝটঠডঢণতথদধনপফবভমযরলশষসহ",
        ("", "া", "ি", "ী", "ু", "ূ", "ে", "ো", "ং", "্"),
        "।",
        (("ো", "ে\u09be"),),
    ),
    _Script("ur-IN", "ابپتٹجچحخدڈرزسشصطعغفقکگلمنوہی", ("", "", "ا", "و", "ی"), "۔", (("ک", "ك"), ("ی", "ي"))),
)
_HAN_DIALECT, _HAN_STOP, _FIRST_HAN = "cmn-Hans-CN", "。", 0x4E00


def made_pairs(n_pairs: int, *, seed: int) -> list[BenchPair]:
    """As many pairs, a fifth in each script, words drawn by Zipf's law; the same for the same seed."""
    rng = np.random.default_rng(seed)
    sizes = [n_pairs // 5 + (place < n_pairs % 5) for place in range(5)]
    pairs: list[BenchPair] = []
    for script, size in zip(_SCRIPTS, sizes, strict=False):
        words = _vocabulary(script, rng)
        pairs += _utterances(script, words, size, rng)
    pairs += _han_utterances(sizes[-1], rng)
    rng.shuffle(pairs)
    return pairs


def long_pair(n_words: int, *, seed: int) -> BenchPair:
    """One utterance of so many Devanagari words."""
    rng = np.random.default_rng(seed)
    words = _vocabulary(_SCRIPTS[0], rng)
    reference = _zipf(len(words), n_words, rng)
    hypothesis = _with_errors(reference, len(words), rng, share=1.0)
    return BenchPair("hi-IN", "s0", _joined(words, reference), _joined(words, hypothesis))


def keep(pairs: Iterable[BenchPair], path: Path) -> None:
    """Write pairs as JSON Lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(pair), ensure_ascii=False) + "\n" for pair in pairs)


def load(path: Path) -> list[BenchPair]:
    """Pairs that were written."""
    with path.open(encoding="utf-8") as file:
        return [BenchPair(**json.loads(line)) for line in file]


def _vocabulary(script: _Script, rng: np.random.Generator) -> list[str]:
    """Different words of one to four syllables, the frequent ones short."""
    syllables = ["".join(parts) for parts in itertools.product(script.consonants, script.vowels)]
    words: dict[str, None] = {}
    while len(words) < N_WORDS:
        n_syllables = int(rng.integers(1, 3 if len(words) < N_WORDS // 20 else 5))
        words["".join(syllables[place] for place in rng.integers(0, len(syllables), n_syllables))] = None
    return list(words)


def _zipf(n_words: int, n_drawn: int, rng: np.random.Generator) -> list[int]:
    weights = 1.0 / np.arange(1, n_words + 1)
    drawn: list[int] = rng.choice(n_words, n_drawn, p=weights / weights.sum()).tolist()
    return drawn


def _with_errors(reference: Sequence[int], n_words: int, rng: np.random.Generator, *, share: float) -> list[int]:
    """What was heard, at a multiple of the error rates."""
    chance = rng.random((len(reference), 2))
    others = rng.integers(0, n_words, (len(reference), 2)).tolist()
    heard: list[int] = []
    for word, (fate, more), (other, added) in zip(reference, chance.tolist(), others, strict=True):
        if fate < share * SUBSTITUTED:
            heard.append(other)
        elif fate >= share * (SUBSTITUTED + DELETED):
            heard.append(word)
        if more < share * INSERTED:
            heard.append(added)
    return heard


def _utterances(script: _Script, words: Sequence[str], size: int, rng: np.random.Generator) -> list[BenchPair]:
    shares = rng.uniform(*SPREAD, N_SPEAKERS)
    lengths = rng.poisson(MEAN_LENGTH - 1, size) + 1
    drawn = iter(_zipf(len(words), int(lengths.sum()), rng))
    pairs = []
    for place, length in enumerate(lengths.tolist()):
        speaker = place % N_SPEAKERS
        reference = list(itertools.islice(drawn, length))
        heard = _with_errors(reference, len(words), rng, share=shares[speaker])
        text = _joined(words, reference) + script.stop
        for letter, other in script.aliases:
            text = text.replace(letter, other, 1)
        pairs.append(BenchPair(script.dialect, f"{script.dialect}-{speaker}", text, _joined(words, heard)))
    return pairs


def _han_utterances(size: int, rng: np.random.Generator) -> list[BenchPair]:
    shares = rng.uniform(*SPREAD, N_SPEAKERS)
    lengths = rng.poisson(MEAN_LENGTH * 3 // 2, size) + 1
    drawn = iter(_zipf(N_HAN, int(lengths.sum()), rng))
    pairs = []
    for place, length in enumerate(lengths.tolist()):
        speaker = place % N_SPEAKERS
        reference = list(itertools.islice(drawn, length))
        heard = _with_errors(reference, N_HAN, rng, share=shares[speaker])
        text = _han(reference) + _HAN_STOP
        pairs.append(BenchPair(_HAN_DIALECT, f"{_HAN_DIALECT}-{speaker}", text, _han(heard)))
    return pairs


def _joined(words: Sequence[str], places: Iterable[int]) -> str:
    return " ".join(words[place] for place in places)


def _han(places: Iterable[int]) -> str:
    return "".join(chr(_FIRST_HAN + place) for place in places)
