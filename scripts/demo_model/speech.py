"""Speech from text by libespeak-ng, called in this process: samples and the time of every word."""

import ctypes
import ctypes.util
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torchaudio

from scripts.demo_model.vocabulary import Language, Word

RATE_HZ = 16_000
Samples = npt.NDArray[np.int16]


def _names(listing: str) -> tuple[str, ...]:
    return tuple(listing.split())


# The variants of espeak-ng 1.51, split once; near twins stand on the same side. `whisper` and `whisperf` are left out:
# they have no voicing, so nothing carries the tones of Mandarin and Cantonese. `rob` crashes espeak-ng on Cantonese.
# `Mr serious` has a space in its name.
DEV_VARIANTS = _names("Andrea Hugo anika anikaRobot edward edward2 grandma michel")
HELDOUT_VARIANTS = _names("Alicia Denis Gene Gene2 Henrique Mike belinda boris f4 linda m6 marcelo")
TRAIN_VARIANTS = _names(
    "Alex Andy Annie AnxiousAndy Demonic Diogo Jacky Lee Marco Mario Michael Nguyen RicishayMax RicishayMax2 "
    "RicishayMax3 Storm Tweaky UniRobot adam announcer antonio aunty benjamin caleb croak david ed f1 f2 f3 f5 "
    "fast grandpa gustave iven iven2 iven3 iven4 john kaukovalta klatt klatt2 klatt3 klatt4 klatt5 klatt6 m1 m2 "
    "m3 m4 m5 m7 m8 max miguel norbert pablo paul pedro quincy robert robosoft robosoft2 robosoft3 robosoft4 "
    "robosoft5 robosoft6 robosoft7 robosoft8 sandro shelby steph steph2 steph3 travis victor zac"
)

_SYNCHRONOUS = 2
_UTF8 = 1
_WORD_EVENT = 1
_RATE, _VOLUME, _PITCH, _RANGE, _WORD_GAP = 1, 2, 3, 4, 7
_SPEECH_LEVEL = 0.01


class SpeechUnavailableError(RuntimeError):
    """libespeak-ng is not installed."""


class _Event(ctypes.Structure):
    """espeak_EVENT. Source: espeak-ng 1.51, speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a sentence is spoken. rate: words a minute; pitch, pitch_range: 0-99; word_gap: in 10 ms."""

    variant: str
    rate: int
    pitch: int
    pitch_range: int
    word_gap: int

    @classmethod
    def drawn(cls, rng: random.Random, variants: Sequence[str]) -> "Delivery":
        """A delivery drawn at random."""
        gap = rng.choice((0, 0, 1, 2, 4, 8))
        return cls(rng.choice(variants), rng.randint(115, 200), rng.randint(20, 80), rng.randint(30, 75), gap)


@dataclass(frozen=True, slots=True)
class Utterance:
    """A spoken sentence: int16 samples at 16 kHz, and [start_ms, end_ms) of each of its words."""

    language: Language
    words: tuple[Word, ...]
    spans: tuple[tuple[int, int], ...]
    samples: Samples
    delivery: Delivery

    @property
    def text(self) -> str:
        """The sentence as it is written."""
        return self.language.written(self.words)

    @property
    def duration_ms(self) -> int:
        """Its length."""
        return len(self.samples) * 1000 // RATE_HZ


class Speaker:
    """libespeak-ng in this process: it has one global state, so the Speaker made last speaks.

    data: the folder that holds an `espeak-ng-data` folder to read instead of the installed one.
    """

    def __init__(self, data: Path | None = None) -> None:
        name = ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1"
        try:
            self._library = ctypes.CDLL(name)
        except OSError as error:
            message = "libespeak-ng is not installed; expected libespeak-ng.so.1 (Debian package libespeak-ng1)"
            raise SpeechUnavailableError(message) from error
        self._library.espeak_Info.restype = ctypes.c_char_p
        self._rate_hz: int = self._library.espeak_Initialize(_SYNCHRONOUS, 0, bytes(data) if data else None, 0)
        if self._rate_hz <= 0:
            raise SpeechUnavailableError("libespeak-ng found no voices; expected the package espeak-ng-data")
        self._callback = _CALLBACK(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)
        self._resample = torchaudio.transforms.Resample(self._rate_hz, RATE_HZ)
        self._chunks: list[Samples] = []
        self._starts: list[tuple[int, int]] = []

    def data(self) -> Path:
        """The folder that voices are read from."""
        path = ctypes.c_char_p()
        self._library.espeak_Info(ctypes.byref(path))
        assert path.value
        return Path(os.fsdecode(path.value))

    def speak(self, language: Language, words: Sequence[Word], delivery: Delivery) -> Utterance:
        """Speak the words; silence before and after is cut away."""
        samples, starts = self._synthesise(language, language.spoken(words), delivery)
        first, last = _speech_bounds(samples)
        offsets = np.cumsum([0] + [len(word.spoken) + 1 for word in words])
        word_starts = _word_starts(starts, offsets, len(words))
        edges = [first, *(min(max(start, first), last) for start in word_starts[1:]), last]
        ms = [(edge - first) * 1000 // self._rate_hz for edge in edges]
        cut = torch.from_numpy(samples[first:last].astype(np.float32))
        resampled = self._resample(cut).clamp(-32768, 32767).to(torch.int16).numpy()
        return Utterance(language, tuple(words), tuple(pairwise(ms)), resampled, delivery)

    def _receive(
        self, wave: "ctypes._Pointer[ctypes.c_short]", n_samples: int, events: "ctypes._Pointer[_Event]"
    ) -> int:
        if wave and n_samples:
            self._chunks.append(np.ctypeslib.as_array(wave, shape=(n_samples,)).copy())
        index = 0
        while events[index].type:
            if events[index].type == _WORD_EVENT:
                self._starts.append((events[index].text_position - 1, events[index].sample))
            index += 1
        return 0

    def _synthesise(self, language: Language, text: str, delivery: Delivery) -> tuple[Samples, list[tuple[int, int]]]:
        self._chunks, self._starts = [], []
        voice = f"{language.voice}+{delivery.variant}" if delivery.variant else language.voice
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise SpeechUnavailableError(f"espeak-ng has no voice {voice!r}")
        settings = {_RATE: delivery.rate, _PITCH: delivery.pitch, _RANGE: delivery.pitch_range}
        for parameter, value in {**settings, _WORD_GAP: delivery.word_gap, _VOLUME: 100}.items():
            self._library.espeak_SetParameter(parameter, value, 0)
        encoded = text.encode()
        self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8, None, None)
        return np.concatenate([*self._chunks, np.zeros(1, np.int16)]), self._starts


def _word_starts(starts: Sequence[tuple[int, int]], offsets: npt.NDArray[np.int_], n_words: int) -> list[int]:
    """The first sample of each word from (character position, sample) events, interpolated where one is missing."""
    found: dict[int, int] = {}
    for position, sample in starts:
        word = int(np.searchsorted(offsets, position, side="right")) - 1
        found[word] = min(sample, found.get(word, sample))
    known = sorted(found)
    return [int(x) for x in np.interp(np.arange(n_words), known, [found[index] for index in known])]


def _speech_bounds(samples: Samples) -> tuple[int, int]:
    level = np.abs(samples.astype(np.float32)) / 32768
    loud = np.flatnonzero(level > _SPEECH_LEVEL * max(1e-6, float(level.max())))
    return (int(loud[0]), int(loud[-1]) + 1) if len(loud) else (0, len(samples))
