"""The service as a submitter sees it, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from app.errors import AppError
from app.uploads.headers import MEDIA_TYPE, VERSION

PREFIX = "/api/v1"
CONNECT_S, ANSWER_S = 10.0, 600.0
"""A large file is stored before its last request is answered."""
_RETRIABLE = frozenset((408, 409, 423, 429, 500, 502, 503, 504))
_GONE = frozenset((404, 410))
_LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")


class ServiceRefused(AppError):
    """An answer that trying again will not change."""


class ServiceAway(AppError):
    """No answer, or one that may be another later."""


class UploadLost(AppError):
    """The upload is no longer there: it is to be begun anew."""


@dataclass(frozen=True, slots=True)
class Project:
    """Where files go."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ClaimedFile:
    """What the service is told of a file before its bytes. facts: texts by column."""

    file_name: str
    size_bytes: int
    sha256: str
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be done with a file: nothing where it is a recording, else send its bytes from the offset."""

    outcome: str
    recording_id: str | None
    url: str | None
    offset_bytes: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an upload is."""

    offset_bytes: int
    recording_id: str | None
    is_duplicate: bool


class Service:
    """A connection that threads share."""

    def __init__(self, server: str, *, n_connections: int) -> None:
        timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S, write=60.0, pool=None)
        limits = httpx.Limits(max_connections=n_connections + 1)
        self._server = server
        is_local = urlsplit(server).hostname in _LOCAL_HOSTS  # where a proxy for the internet leads nowhere
        self._http = httpx.Client(base_url=server, timeout=timeout, limits=limits, trust_env=not is_local)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def project(self, wanted: str) -> Project:
        """The project of this id or name.

        Raises:
            ServiceRefused: there is none, or several have the name.
            ServiceAway: nobody answers.
        """
        projects = [Project(str(each["id"]), str(each["name"])) for each in self._all_projects()]
        named = [each for each in projects if wanted in (each.id, each.name)]
        if len(named) == 1:
            return named[0]
        there = ", ".join(repr(each.name) for each in projects[:20]) or "none"
        if named:
            raise ServiceRefused(f"{len(named)} projects are called {wanted!r}; give the id of one: {named[0].id}, ...")
        raise ServiceRefused(f"there is no project {wanted!r} at {self._server}; there are {there}")

    def check_manifest(self, project: Project, name: str, content: bytes) -> dict[str, Any]:
        """What the service says of a manifest."""
        address = f"{PREFIX}/projects/{project.id}/manifest-checks?name={quote(name[:200], safe='')}"
        return self._json("POST", address, content=content, headers={"Content-Type": "application/octet-stream"})

    def claim(self, project: Project, files: Sequence[ClaimedFile]) -> list[Answer | AppError]:
        """For each file what is to be done with it, or why it is not taken."""
        body = {
            "files": [
                {"file_name": file.file_name, "size_bytes": file.size_bytes, "sha256": file.sha256, "facts": file.facts}
                for file in files
            ]
        }
        answer = self._json("POST", f"{PREFIX}/projects/{project.id}/claims", json=body)
        return [_claimed(each) for each in answer["files"]]

    def send(self, url: str, offset_bytes: int, pieces: Iterator[bytes], *, n_bytes: int) -> Standing:
        """Send the rest of a file.

        Raises:
            ServiceAway: the link broke, or the service is busy; see how far it came.
            UploadLost, ServiceRefused: it is over.
        """
        headers = {
            "Tus-Resumable": VERSION, "Upload-Offset": str(offset_bytes), "Content-Type": MEDIA_TYPE,
            "Content-Length": str(n_bytes),
        }  # fmt: skip
        return _standing(self._asked("PATCH", url, content=pieces, headers=headers))

    def standing(self, url: str) -> Standing:
        """How far an upload is."""
        return _standing(self._asked("HEAD", url, headers={"Tus-Resumable": VERSION}))

    def _all_projects(self) -> Iterator[dict[str, Any]]:
        cursor: str | None = ""
        while cursor is not None:
            page = self._json(
                "GET", f"{PREFIX}/projects", params={"limit": "200"} | ({"cursor": cursor} if cursor else {})
            )
            yield from page["items"]
            cursor = page["next_cursor"]

    def _json(self, method: str, address: str, **request: Any) -> dict[str, Any]:
        answer = self._asked(method, address, **request)
        try:
            content = answer.json()
        except ValueError as error:
            raise ServiceRefused(f"{self._server} is no Boli service: it answers {answer.text[:80]!r}") from error
        if not isinstance(content, dict):
            raise ServiceRefused(f"{self._server} is no Boli service")
        return content

    def _asked(self, method: str, address: str, **request: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, address, **request)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            raise ServiceAway(f"{self._server} does not answer: {reason}; `boli serve` starts the service") from error
        if answer.is_success:
            return answer
        message = _told(answer)
        if answer.status_code in _RETRIABLE:
            raise ServiceAway(message)
        if answer.status_code in _GONE and method in ("HEAD", "PATCH"):
            raise UploadLost(message)
        raise ServiceRefused(message)


def _claimed(answer: dict[str, Any]) -> Answer | AppError:
    refusal, recording, upload = answer["refusal"], answer["recording"], answer["upload"]
    if refusal is not None:
        kind = ServiceAway if refusal["status"] in _RETRIABLE - {409} else ServiceRefused
        return kind(refusal["detail"])
    return Answer(
        outcome=answer["outcome"],
        recording_id=recording and recording["id"],
        url=upload and upload["url"],
        offset_bytes=upload["offset_bytes"] if upload else 0,
    )


def _standing(answer: httpx.Response) -> Standing:
    headers = answer.headers
    return Standing(int(headers["Upload-Offset"]), headers.get("Boli-Recording"), "Boli-Duplicate-Of" in headers)


def _told(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the service answers {answer.status_code} {answer.reason_phrase}"
