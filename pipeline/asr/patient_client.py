"""Posting audio to a service that may be slow, busy, broken or elsewhere than it says."""

from __future__ import annotations

import email.utils
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from pipeline.errors import RecogniserFailed, RecogniserUnreachable

_BUSY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_METHOD_KEEPING_REDIRECTS = frozenset({307, 308})
_MAX_REDIRECTS = 3
_EXCERPT_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a service and how often to ask again."""

    timeout_ms: int = 120_000
    """For one attempt, from connecting to the last byte of the answer."""
    n_attempts: int = 5
    first_wait_ms: int = 500
    longest_wait_ms: int = 30_000
    max_response_bytes: int = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Upload:
    """A form with one file."""

    fields: Mapping[str, str | list[str]]
    file_name: str
    content: bytes = field(repr=False)
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered, whole."""

    status: int
    content_type: str
    body: bytes


class PatientClient:
    """One service, at one address; its key never stands in a message. Thread-safe."""

    def __init__(self, url: str, *, api_key: str | None, proxy: str | None, patience: Patience) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise ValueError(f"expected an address such as https://host/v1 without a password in it, got {url!r}")
        self._url = url
        self._api_key = api_key
        self._patience = patience
        seconds = patience.timeout_ms / 1000
        self._client = httpx.Client(
            headers={"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {api_key}"} if api_key else {}),
            timeout=httpx.Timeout(seconds, connect=min(10.0, seconds)),
            follow_redirects=False,
            # no credentials from ~/.netrc and no proxy that nobody named
            trust_env=False,
            proxy=proxy,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def post(self, upload: Upload) -> Answer:
        """The service's answer, good or bad; connection errors, 429 and 5xx are tried again after a growing wait.

        Waits are drawn evenly between nothing and a limit that doubles each time; a longer Retry-After is kept to.
        Raises:
            RecogniserUnreachable: no answer, or a busy one, after all attempts.
            RecogniserFailed: an answer that is too long, or a redirect to another place.
        Source: Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015 (full jitter).
        """
        problem = "no attempt was made"
        for attempt in range(self._patience.n_attempts):
            asked_ms = 0
            try:
                answer, asked_ms = self._post_once(upload)
                if answer.status not in _BUSY_STATUSES:
                    return answer
                problem = f"answered {answer.status} ({self.excerpt(answer)})"
            except httpx.TransportError as error:
                problem = f"gave no answer ({type(error).__name__}: {error})"
            if asked_ms > self._patience.longest_wait_ms:
                raise RecogniserUnreachable(f"{self._url}: {problem} and asks to wait {asked_ms // 1000} s")
            if attempt + 1 < self._patience.n_attempts:
                time.sleep(max(asked_ms, self._wait_ms(attempt)) / 1000)
        raise RecogniserUnreachable(f"{self._url}: {problem} after {self._patience.n_attempts} attempts")

    def excerpt(self, answer: Answer) -> str:
        """The beginning of an answer for a message, without the key should the service repeat it."""
        text = " ".join(answer.body.decode("utf-8", errors="replace").split())
        if self._api_key:
            text = text.replace(self._api_key, "[key]")
        return text[:_EXCERPT_CHARACTERS] or "empty body"

    def _wait_ms(self, attempt: int) -> float:
        limit_ms = min(self._patience.longest_wait_ms, self._patience.first_wait_ms * 2**attempt)
        return random.uniform(0, limit_ms)  # noqa: S311 - spreads load, keeps no secret

    def _post_once(self, upload: Upload) -> tuple[Answer, int]:
        """An answer, and for how long it asks to be left alone."""
        url = self._url
        deadline_s = time.monotonic() + self._patience.timeout_ms / 1000
        for _ in range(_MAX_REDIRECTS + 1):
            with self._client.stream(
                "POST",
                url,
                data=dict(upload.fields),
                files={"file": (upload.file_name, upload.content, upload.content_type)},
            ) as response:
                if not 300 <= response.status_code < 400:
                    answer = self._read(response, deadline_s=deadline_s)
                    return answer, _retry_after_ms(response.headers.get("retry-after"))
                url = self._same_place(response)
        raise RecogniserFailed(f"{self._url}: redirects more than {_MAX_REDIRECTS} times")

    def _read(self, response: httpx.Response, *, deadline_s: float) -> Answer:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self._patience.max_response_bytes:
                limit = self._patience.max_response_bytes
                raise RecogniserFailed(f"{self._url}: answered with more than {limit} bytes, expected a transcript")
            if time.monotonic() > deadline_s:
                raise httpx.ReadTimeout(f"answer not complete within {self._patience.timeout_ms} ms")
        return Answer(response.status_code, response.headers.get("content-type", ""), bytes(body))

    def _same_place(self, response: httpx.Response) -> str:
        """Where a redirect leads, if that is the same scheme, host and port: audio is sent nowhere else."""
        target = response.url.join(response.headers.get("location", ""))
        here = response.url
        is_same = (target.scheme, target.host, target.port) == (here.scheme, here.host, here.port)
        if not is_same or response.status_code not in _METHOD_KEEPING_REDIRECTS:
            where = f"{target.scheme}://{target.host}"
            raise RecogniserFailed(
                f"{self._url}: answered {response.status_code}, a redirect to {where}; not followed, so that the audio "
                "goes nowhere else. If that is right, set that address"
            )
        return str(target)


def _retry_after_ms(value: str | None) -> int:
    """A Retry-After header in milliseconds; 0 where there is none or nobody can read it.

    Source: RFC 9110, section 10.2.3 (seconds or a date).
    """
    if value is None:
        return 0
    if value.strip().isdecimal():
        return int(value) * 1000
    try:
        until = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return 0
    return max(0, round((until.timestamp() - time.time()) * 1000))
