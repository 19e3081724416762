"""A recogniser that hears nothing: the same clip gives the same made-up text. For tests and for trying the service."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Hashable, Sequence
from functools import lru_cache

import numpy as np
import regex

from models.values import ModelIdentity, Span, Word
from pipeline.asr.recogniser import SAMPLE_RATE_HZ, Recognition, Request
from pipeline.errors import RecogniserFailed

_WORD_MS = 400
_LETTERS_A_WORD = 3
_SILENCE_PEAK = 1e-4
_SCRIPTS = {"Hans": "Hani", "Hant": "Hani", "Jpan": "Hira", "Kore": "Hang"}


class FakeRecogniser:
    """Text in the script asked for, one word every 400 ms, from the hash of the clip."""

    def __init__(self, *, delay_ms: int = 0, fail_every: int | None = None) -> None:
        """delay_ms: pause for each clip. fail_every: about one clip in so many fails, always the same ones."""
        if delay_ms < 0 or (fail_every is not None and fail_every < 1):
            raise ValueError(f"expected delay_ms >= 0 and fail_every >= 1, got {delay_ms} and {fail_every}")
        self._delay_ms = delay_ms
        self._fail_every = fail_every

    @property
    def identity(self) -> ModelIdentity:
        """Always the same."""
        return ModelIdentity(engine="fake", name="fake", revision="1")

    @property
    def languages(self) -> None:
        """Takes any language."""

    @property
    def batch_size(self) -> int:
        """Clips at once."""
        return 8

    @property
    def n_parallel(self) -> int:
        """Thread-safe."""
        return 8

    @property
    def has_fixed_cost(self) -> bool:
        """Made-up text costs nothing."""
        return False

    def batch_key(self, request: Request) -> Hashable:  # noqa: ARG002 - the protocol's
        """All requests may share a batch."""
        return ()

    def recognise(self, requests: Sequence[Request], *, temperature: float = 0.0) -> list[Recognition]:  # noqa: ARG002 - protocol
        """Made-up text of each clip; nothing for silence.

        Raises:
            RecogniserFailed: for the clips that are to fail.
        """
        return [self._recognise_one(request) for request in requests]

    def align(self, requests: Sequence[Request], texts: Sequence[str]) -> list[tuple[Word, ...]]:
        """Words spread evenly over their clips."""
        return [
            spread_evenly(text.split(), duration_ms=_duration_ms(request))
            for request, text in zip(requests, texts, strict=True)
        ]

    def _recognise_one(self, request: Request) -> Recognition:
        time.sleep(self._delay_ms / 1000)
        digest = hashlib.sha256(np.ascontiguousarray(request.samples, dtype=np.float32).tobytes()).digest()
        if self._fail_every is not None and int.from_bytes(digest[:4]) % self._fail_every == 0:
            raise RecogniserFailed(f"the fake recogniser was told to fail on clip {digest.hex()[:12]}")
        if request.samples.size == 0 or float(np.abs(request.samples).max()) < _SILENCE_PEAK:
            return Recognition(text="", average_logprob=-0.1, no_speech_probability=1.0)
        n_words = min(max(1, _duration_ms(request) // _WORD_MS), request.max_tokens)
        words = _words(digest, n_words, letters=letters_of(request.script or "Latn"))
        return Recognition(
            text=" ".join(words),
            average_logprob=-0.1,
            no_speech_probability=0.0,
            words=spread_evenly(words, duration_ms=_duration_ms(request)),
            n_tokens=n_words,
            is_capped=n_words == request.max_tokens,
        )


def spread_evenly(words: Sequence[str], *, duration_ms: int) -> tuple[Word, ...]:
    """Words of equal length that fill a clip; none where it is shorter than a millisecond a word."""
    if duration_ms < len(words):
        return ()
    edges = [duration_ms * place // max(1, len(words)) for place in range(len(words) + 1)]
    return tuple(
        Word(text, Span(start, end), 0.9) for text, start, end in zip(words, edges[:-1], edges[1:], strict=True)
    )


@lru_cache(maxsize=64)
def letters_of(script: str) -> str:
    """The first letters of a script (ISO 15924) in Unicode order, at most 32.

    Raises:
        ValueError: no such script.
    """
    try:
        pattern = regex.compile(rf"[\p{{Script={_SCRIPTS.get(script, script)}}}&&[\p{{Lo}}\p{{Ll}}]]", regex.V1)
    except regex.error as error:
        raise ValueError(f"unknown script {script!r}, expected an ISO 15924 code such as Deva or Hans") from error
    found = (chr(point) for point in (*range(0x4E00, 0x4E20), *range(0xD800), *range(0xE000, 0x20000)))
    letters: list[str] = []
    for letter in found:
        if pattern.match(letter):
            letters.append(letter)
        if len(letters) == 32:
            break
    return "".join(letters)


def _words(digest: bytes, n_words: int, *, letters: str) -> list[str]:
    stream = hashlib.shake_256(digest).digest(n_words * _LETTERS_A_WORD)
    picked = [letters[byte % len(letters)] for byte in stream]
    return ["".join(picked[i : i + _LETTERS_A_WORD]) for i in range(0, len(picked), _LETTERS_A_WORD)]


def _duration_ms(request: Request) -> int:
    return request.samples.size * 1000 // SAMPLE_RATE_HZ
