"""The HTTP recogniser against a real server on this machine, which misbehaves in every way we know of."""

from __future__ import annotations

import email.utils
import io
import json
import logging
import threading
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from models.values import ModelIdentity, Span, Word
from pipeline.asr.http import HttpOptions, HttpRecogniser, recognition_of
from pipeline.asr.patient_client import Patience
from pipeline.asr.recogniser import Request
from pipeline.errors import RecogniserFailed, RecogniserUnreachable

KEY = "sk-very-secret-0123456789"
QUICK = Patience(timeout_ms=2_000, n_attempts=3, first_wait_ms=5, longest_wait_ms=1_500, max_response_bytes=100_000)


@dataclass
class Seen:
    """One request as the server saw it."""

    path: str
    headers: dict[str, str]
    fields: dict[str, list[str]]
    wav: bytes
    at_s: float


@dataclass
class Service:
    """A local service whose behaviour is a function of the request and of how many came before."""

    behave: Callable[[BaseHTTPRequestHandler, Seen, int], None]
    seen: list[Seen] = field(default_factory=list)
    n_open: int = 0
    most_open: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


Serve = Callable[..., Service]
Connect = Callable[..., HttpRecogniser]


def parse_form(headers: dict[str, str], body: bytes) -> tuple[dict[str, list[str]], bytes]:
    message = message_from_bytes(f"Content-Type: {headers['content-type']}\r\n\r\n".encode() + body)
    fields: dict[str, list[str]] = {}
    wav = b""
    for part in message.get_payload():
        assert not isinstance(part, str)
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        name = str(part.get_param("name", header="content-disposition"))
        if name == "file":
            wav = content
        else:
            fields.setdefault(name, []).append(content.decode())
    return fields, wav


@pytest.fixture
def serve() -> Iterator[Callable[..., Service]]:
    servers: list[ThreadingHTTPServer] = []

    def start(behave: Callable[[BaseHTTPRequestHandler, Seen, int], None]) -> Service:
        service = Service(behave)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                headers = {key.lower(): value for key, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                seen = Seen(self.path, headers, *parse_form(headers, body), at_s=time.monotonic())
                with service.lock:
                    service.seen.append(seen)
                    number = len(service.seen)
                    service.n_open += 1
                    service.most_open = max(service.most_open, service.n_open)
                try:
                    service.behave(self, seen, number)
                finally:
                    with service.lock:
                        service.n_open -= 1

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        service.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        return service

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def reply(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, *, kind: str = "application/json", **headers: str
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def reply_text(handler: BaseHTTPRequestHandler, text: str) -> None:
    reply(handler, 200, json.dumps({"text": text}).encode())


@pytest.fixture
def connect() -> Iterator[Callable[..., HttpRecogniser]]:
    opened: list[HttpRecogniser] = []

    def start(
        url: str, *, patience: Patience = QUICK, api_key: str | None = KEY, n_parallel: int = 4
    ) -> HttpRecogniser:
        options = HttpOptions(url, api_key=api_key, n_parallel=n_parallel, patience=patience)
        opened.append(HttpRecogniser("qwen3-asr", options=options))
        return opened[-1]

    yield start
    for recogniser in opened:
        recogniser.close()


def clip(level: float = 0.25, *, n_samples: int = 16_000, **hints: str) -> Request:
    return Request(np.full(n_samples, level, dtype=np.float32), **({"language": "hi"} | hints))  # type: ignore[arg-type]


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


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_service_is_asked_again(serve: Serve, connect: Connect, status: int) -> None:
    def behave(handler: BaseHTTPRequestHandler, seen: Seen, number: int) -> None:
        if number < 3:
            reply(handler, status, b"busy", kind="text/plain")
        else:
            reply_text(handler, "अब")

    service = serve(behave)
    assert connect(service.url).recognise([clip()])[0].text == "अब"
    assert len(service.seen) == 3


def test_a_service_that_stays_busy_is_unreachable_and_retryable(serve: Serve, connect: Connect) -> None:
    service = serve(lambda handler, seen, number: reply(handler, 503, b"warming up", kind="text/plain"))
    with pytest.raises(RecogniserUnreachable, match=r"answered 503 \(warming up\) after 3 attempts") as caught:
        connect(service.url).recognise([clip()])
    assert caught.value.retryable
    assert len(service.seen) == 3


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_kept_to(serve: Serve, connect: Connect, as_date: bool) -> None:
    def behave(handler: BaseHTTPRequestHandler, seen: Seen, number: int) -> None:
        if number == 1:
            until = email.utils.formatdate(time.time() + 2, usegmt=True) if as_date else "1"
            reply(handler, 429, b"slow down", kind="text/plain", Retry_After=until)
        else:
            reply_text(handler, "ok")

    service = serve(behave)
    patience = Patience(timeout_ms=2_000, n_attempts=2, first_wait_ms=1, longest_wait_ms=3_000)
    connect(service.url, patience=patience).recognise([clip()])
    assert service.seen[1].at_s - service.seen[0].at_s >= 0.9


def test_a_service_that_asks_for_an_hour_is_given_up_at_once(serve: Serve, connect: Connect) -> None:
    service = serve(lambda handler, seen, number: reply(handler, 429, b"", Retry_After="3600"))
    with pytest.raises(RecogniserUnreachable, match="asks to wait 3600 s"):
        connect(service.url).recognise([clip()])
    assert len(service.seen) == 1


def test_a_connection_cut_in_the_middle_of_an_answer_is_tried_again(serve: Serve, connect: Connect) -> None:
    def behave(handler: BaseHTTPRequestHandler, seen: Seen, number: int) -> None:
        if number == 1:
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            handler.wfile.write(b'{"text": "ha')
            handler.close_connection = True
        else:
            reply_text(handler, "whole")

    service = serve(behave)
    assert connect(service.url).recognise([clip()])[0].text == "whole"


def test_a_service_that_does_not_answer_in_time_is_unreachable(serve: Serve, connect: Connect) -> None:
    service = serve(lambda handler, seen, number: time.sleep(0.6))
    patience = Patience(timeout_ms=150, n_attempts=2, first_wait_ms=1)
    with pytest.raises(RecogniserUnreachable, match=r"ReadTimeout.*after 2 attempts"):
        connect(service.url, patience=patience).recognise([clip()])


def test_an_answer_that_drips_in_is_cut_off_at_the_deadline(serve: Serve, connect: Connect) -> None:
    def behave(handler: BaseHTTPRequestHandler, seen: Seen, number: int) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.02)

    service = serve(behave)
    patience = Patience(timeout_ms=200, n_attempts=1)
    started_s = time.monotonic()
    with pytest.raises(RecogniserUnreachable, match="not complete within 200 ms"):
        connect(service.url, patience=patience).recognise([clip()])
    assert time.monotonic() - started_s < 1.5


def test_nobody_listening_is_unreachable(connect: Connect) -> None:
    with pytest.raises(RecogniserUnreachable, match=r"127\.0\.0\.1:9.*ConnectError"):
        connect("http://127.0.0.1:9/v1").recognise([clip()])


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("text/html", b"<html><h1>Welcome to nginx</h1></html>", r"text/html, expected JSON.*Welcome to nginx"),
        ("application/json", b'{"text": "cut o', r"expected JSON"),
        ("application/json", b"", r"expected JSON.*empty body"),
        ("application/json", b"\xff\xfe\x00", r"expected JSON"),
        ("application/json", b"[" * 50_000, r"expected JSON"),
        ("application/json", b'["text"]', r"without a field `text`"),
        ("application/json", b'{"text": null}', r"without a field `text`"),
        ("application/json", b'{"error": {"message": "model not loaded"}}', r"model not loaded"),
    ],
)
def test_an_answer_that_is_no_transcript_is_an_error_that_shows_it(
    serve: Serve, connect: Connect, kind: str, body: bytes, expected: str
) -> None:
    service = serve(lambda handler, seen, number: reply(handler, 200, body, kind=kind))
    with pytest.raises(RecogniserFailed, match=expected):
        connect(service.url).recognise([clip()])
    assert len(service.seen) == 1


def test_an_endless_answer_is_cut_off(serve: Serve, connect: Connect) -> None:
    def behave(handler: BaseHTTPRequestHandler, seen: Seen, number: int) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(1_000):
                handler.wfile.write(b" " * 10_000)
        except OSError:
            return

    with pytest.raises(RecogniserFailed, match="more than 100000 bytes"):
        connect(serve(behave).url).recognise([clip()])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_elsewhere_is_refused_and_no_audio_goes_there(serve: Serve, connect: Connect, status: int) -> None:
    elsewhere = serve(lambda handler, seen, number: reply_text(handler, "stolen"))
    target = elsewhere.url.replace("/v1", "/take")
    service = serve(lambda handler, seen, number: reply(handler, status, b"", Location=target))
    with pytest.raises(RecogniserFailed, match=rf"answered {status}, a redirect to http://127.0.0.1; not followed"):
        connect(service.url).recognise([clip()])
    assert elsewhere.seen == []


def test_a_redirect_within_the_service_is_followed(serve: Serve, connect: Connect) -> None:
    def behave(handler: BaseHTTPRequestHandler, seen: Seen, number: int) -> None:
        if seen.path.endswith("/"):
            reply_text(handler, "here")
        else:
            reply(handler, 307, b"", Location=f"{seen.path}/")

    service = serve(behave)
    assert connect(service.url).recognise([clip()])[0].text == "here"
    assert len(service.seen[1].wav) == 32_044


def test_a_service_that_redirects_for_ever_is_given_up(serve: Serve, connect: Connect) -> None:
    service = serve(lambda handler, seen, number: reply(handler, 308, b"", Location=seen.path))
    with pytest.raises(RecogniserFailed, match="redirects more than 3 times"):
        connect(service.url).recognise([clip()])


def test_the_key_stands_in_no_message_no_log_and_no_representation(
    serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    service = serve(lambda handler, seen, number: reply(handler, 401, f"bad key {KEY}".encode(), kind="text/plain"))
    recogniser = connect(service.url)
    with caplog.at_level(logging.DEBUG), pytest.raises(RecogniserFailed, match="refused the key") as caught:
        recogniser.recognise([clip()])
    assert KEY not in str(caught.value)
    assert KEY not in caplog.text
    assert KEY not in repr(HttpOptions(service.url, api_key=KEY))


@pytest.mark.parametrize("url", ["", "host/v1", "ftp://host/v1", "https://user:secret@host/v1", "https:///v1"])
def test_an_address_that_is_none_is_refused_before_any_audio_is_read(url: str) -> None:
    with pytest.raises(ValueError, match="expected an address such as"):
        HttpRecogniser("m", options=HttpOptions(url))


def test_odd_fields_of_an_answer_are_left_out() -> None:
    odd = {
        "text": "e\u0301",
        "words": ["no", {"word": "a"}, {"word": "b", "start": 2, "end": 1}, {"word": " ", "start": 0, "end": 1}],
        "segments": [{"avg_logprob": "bad", "no_speech_prob": 7, "tokens": None}, 5],
    }
    recognition = recognition_of(odd, duration_ms=1_000)
    assert recognition.text == "é"
    assert recognition.words == ()
    assert recognition.average_logprob is None
    assert recognition.no_speech_probability == 1.0


def test_no_clips_are_no_requests(serve: Serve, connect: Connect) -> None:
    service = serve(lambda handler, seen, number: reply_text(handler, ""))
    assert connect(service.url).recognise([]) == []
    assert service.seen == []
