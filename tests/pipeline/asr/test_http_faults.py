"""The HTTP recogniser against a service that misbehaves in every way we know of."""

from __future__ import annotations

import email.utils
import logging
import time
from http.server import BaseHTTPRequestHandler

import pytest

from pipeline.asr.http import HttpOptions, HttpRecogniser, recognition_of
from pipeline.asr.patient_client import Patience
from pipeline.errors import RecogniserFailed, RecogniserUnreachable
from tests.pipeline.asr.http_service import KEY, Connect, Seen, Serve, clip, reply, reply_text


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
