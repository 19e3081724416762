"""The HTTP recogniser: what it asks and what it reads."""

from __future__ import annotations

import io
import json
import time
import wave
from http.server import BaseHTTPRequestHandler

import numpy as np
import pytest

from models.values import ModelIdentity, Span, Word
from pipeline.errors import RecogniserFailed
from tests.pipeline.asr.http_service import KEY, Connect, Seen, Serve, clip, reply, reply_text


def test_a_clip_goes_out_as_16_khz_wav_with_language_prompt_temperature_and_key(serve: Serve, connect: Connect) -> None:
    service = serve(lambda handler, seen, number: reply_text(handler, " नमस्ते "))
    recogniser = connect(service.url)
    (recognition,) = recogniser.recognise([clip(prompt="गाँव")], temperature=0.2)
    (seen,) = service.seen
    assert recognition.text == "नमस्ते"
    assert seen.path == "/v1/audio/transcriptions"
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert {name: seen.fields[name] for name in ("model", "language", "prompt", "temperature")} == {
        "model": ["qwen3-asr"],
        "language": ["hi"],
        "prompt": ["गाँव"],
        "temperature": ["0.2"],
    }
    assert seen.fields["timestamp_granularities[]"] == ["word", "segment"]
    with wave.open(io.BytesIO(seen.wav)) as reader:
        assert (reader.getframerate(), reader.getnchannels(), reader.getsampwidth()) == (16_000, 1, 2)
        assert set(np.frombuffer(reader.readframes(16_000), "<i2")) == {int(0.25 * 32767)}
    assert recogniser.identity == ModelIdentity("http", "qwen3-asr", "qwen3-asr")


def test_a_verbose_answer_gives_words_and_figures(serve: Serve, connect: Connect) -> None:
    answer = {
        "text": "एक दो",
        "words": [
            {"word": " एक", "start": 0.1, "end": 0.4, "probability": 0.9},
            {"word": "दो", "start": 0.4, "end": 9},
        ],
        "segments": [
            {"start": 0, "end": 0.75, "avg_logprob": -0.2, "no_speech_prob": 0.0, "tokens": [1, 2, 3]},
            {"start": 0.75, "end": 1, "avg_logprob": -0.6, "no_speech_prob": 0.4, "tokens": [4]},
        ],
    }
    service = serve(lambda handler, seen, number: reply(handler, 200, json.dumps(answer).encode()))
    (recognition,) = connect(service.url).recognise([clip()])
    assert recognition.words == (Word("एक", Span(100, 400), 0.9), Word("दो", Span(400, 1000), None))
    assert recognition.n_tokens == 4
    assert recognition.average_logprob == pytest.approx(-0.3)
    assert recognition.no_speech_probability == pytest.approx(0.1)


def test_a_service_without_verbose_json_is_asked_for_less_and_it_is_remembered(serve: Serve, connect: Connect) -> None:
    def behave(handler: BaseHTTPRequestHandler, seen: Seen, number: int) -> None:
        if seen.fields["response_format"] == ["verbose_json"]:
            reply(handler, 400, b'{"error": {"message": "response_format not supported"}}')
        else:
            reply_text(handler, "你好")

    service = serve(behave)
    recogniser = connect(service.url, n_parallel=1)
    assert [each.text for each in recogniser.recognise([clip(), clip()])] == ["你好", "你好"]
    formats = [seen.fields["response_format"][0] for seen in service.seen]
    assert formats == ["verbose_json", "verbose_json", "json", "json"]


def test_a_request_the_service_refuses_in_every_form_says_what_it_said(serve: Serve, connect: Connect) -> None:
    service = serve(lambda handler, seen, number: reply(handler, 422, b'{"detail": "language or unknown"}'))
    with pytest.raises(RecogniserFailed, match=r"qwen3-asr.*answered 422.*language or unknown"):
        connect(service.url).recognise([clip(language="or")])


def test_answers_keep_their_order_and_no_more_go_out_at_once_than_allowed(serve: Serve, connect: Connect) -> None:
    def behave(handler: BaseHTTPRequestHandler, seen: Seen, number: int) -> None:
        level = int(np.frombuffer(seen.wav[-2:], "<i2")[0])
        time.sleep(0.05 if level < 10_000 else 0.0)
        reply_text(handler, str(level))

    service = serve(behave)
    levels = [0.1, 0.9, 0.2, 0.8, 0.3, 0.7]
    got = connect(service.url, n_parallel=2).recognise([clip(level, n_samples=160) for level in levels])
    assert [int(each.text) for each in got] == [int(np.float32(level) * 32767) for level in levels]
    assert service.most_open == 2
