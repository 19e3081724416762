"""The fake recogniser: the same clip, the same text, in the script asked for."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
import regex

from pipeline.asr.fake import FakeRecogniser
from pipeline.asr.recogniser import Request
from pipeline.errors import RecogniserFailed


def clip(seed: int, *, n_samples: int = 32_000) -> Request:
    noise = np.random.default_rng(seed).normal(0, 0.1, n_samples).astype(np.float32)
    return Request(noise, "hi", script="Deva")


def test_the_text_follows_from_the_clip_alone() -> None:
    clips = [clip(1), clip(2), clip(1)]
    one, two, again = FakeRecogniser().recognise(clips)
    assert one == again
    assert one.text != two.text
    assert FakeRecogniser().recognise([clip(2)]) == [two]


@pytest.mark.parametrize("script", ["Deva", "Taml", "Beng", "Arab", "Hans", "Olck", "Mtei", "Latn"])
def test_the_text_is_in_the_script_asked_for(script: str) -> None:
    (recognition,) = FakeRecogniser().recognise([replace(clip(3), script=script)])
    name = {"Hans": "Hani"}.get(script, script)
    assert regex.fullmatch(rf"[\p{{Script={name}}} ]+", recognition.text)


def test_words_are_spread_evenly_over_the_clip() -> None:
    (recognition,) = FakeRecogniser().recognise([clip(4, n_samples=32_000)])
    assert [(word.span.start_ms, word.span.end_ms) for word in recognition.words] == [
        (0, 400),
        (400, 800),
        (800, 1200),
        (1200, 1600),
        (1600, 2000),
    ]
    assert " ".join(word.text for word in recognition.words) == recognition.text
    (aligned,) = FakeRecogniser().align([clip(4)], ["एक दो"])
    assert [(word.text, word.span.start_ms) for word in aligned] == [("एक", 0), ("दो", 1000)]


def test_silence_has_no_text() -> None:
    (recognition,) = FakeRecogniser().recognise([Request(np.zeros(16_000, dtype=np.float32), "hi")])
    assert (recognition.text, recognition.no_speech_probability) == ("", 1.0)


def test_the_token_limit_holds() -> None:
    (recognition,) = FakeRecogniser().recognise([replace(clip(5), max_tokens=2)])
    assert (recognition.n_tokens, recognition.is_capped) == (2, True)


def test_about_one_clip_in_so_many_fails_and_always_the_same() -> None:
    recogniser = FakeRecogniser(fail_every=4)

    def fails(seed: int) -> bool:
        try:
            recogniser.recognise([clip(seed, n_samples=160)])
        except RecogniserFailed:
            return True
        return False

    first = [fails(seed) for seed in range(200)]
    assert 25 <= sum(first) <= 80
    assert first == [fails(seed) for seed in range(200)]


def test_delay_and_failures_are_as_told() -> None:
    recogniser = FakeRecogniser(delay_ms=40, fail_every=1)
    started_s = time.monotonic()
    with pytest.raises(RecogniserFailed, match="was told to fail on clip"):
        recogniser.recognise([clip(6)])
    assert time.monotonic() - started_s >= 0.04
    assert FakeRecogniser().recognise([clip(6)])[0].text


@pytest.mark.parametrize("wrong", [{"delay_ms": -1}, {"fail_every": 0}])
def test_a_setting_out_of_range_is_an_error(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="fail_every >= 1"):
        FakeRecogniser(**wrong)
