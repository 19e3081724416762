"""Large files over thin lines: a download that broke off goes on at the byte where it stopped, even days later.

huggingface_hub 2.4 starts such a file anew in each run, and within one loses up to 10 MB at each break.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import httpx
from tqdm import tqdm

_BUSY_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
_RANGE_REFUSED = 416


@dataclass(frozen=True, slots=True)
class Persistence:
    """How often to take up a download again."""

    n_fruitless: int = 6
    """Attempts in a row that bring nothing, after which it is given up."""
    first_wait_ms: int = 1_000
    longest_wait_ms: int = 30_000
    timeout_ms: int = 30_000
    """Longest silence of the line."""


def download(url: str, file: Path, *, size_bytes: int, persistence: Persistence) -> None:
    """Bring a file of known size here; what is there of it already is kept. Shows a progress bar on a terminal.

    Raises:
        OSError: the file cannot be written.
        httpx.HTTPError: the server refused, or the line stayed dead.
    """
    timeout = httpx.Timeout(persistence.timeout_ms / 1000)
    title = file.name
    n_fruitless = 0
    with (
        httpx.Client(timeout=timeout, follow_redirects=True, headers={"Accept-Encoding": "identity"}) as client,
        tqdm(total=size_bytes, unit="B", unit_scale=True, desc=title, disable=None) as progress,
    ):
        while (present_bytes := _size_bytes(file)) != size_bytes:
            progress.n = present_bytes
            try:
                _take_up(client, url, file, size_bytes=size_bytes, progress=progress)
            except httpx.HTTPError as error:
                n_fruitless = n_fruitless + 1 if _size_bytes(file) <= present_bytes else 0
                if n_fruitless >= persistence.n_fruitless or not _may_pass(error):
                    raise
                wait_ms = persistence.first_wait_ms * 2 ** max(0, n_fruitless - 1)
                time.sleep(min(persistence.longest_wait_ms, wait_ms) / 1000)


def _take_up(client: httpx.Client, url: str, file: Path, *, size_bytes: int, progress: tqdm[NoReturn]) -> None:
    """Append what is missing; from the start where the server does not serve parts or the file has grown too long."""
    start = _size_bytes(file)
    if start > size_bytes:
        file.unlink()
        start = 0
    headers = {"Range": f"bytes={start}-"} if start else {}
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == _RANGE_REFUSED:
            file.unlink()
        response.raise_for_status()
        is_rest = response.headers.get("content-range", "").startswith(f"bytes {start}-")
        with file.open("ab" if start and is_rest else "wb") as stream:
            for chunk in response.iter_raw():
                stream.write(chunk)
                progress.update(len(chunk))
                if stream.tell() > size_bytes:
                    raise httpx.RemoteProtocolError(f"{url} sends more than the {size_bytes} bytes it announced")
    if _size_bytes(file) < size_bytes:
        raise httpx.RemoteProtocolError(f"{url} ended after {_size_bytes(file)} of {size_bytes} bytes")


def _may_pass(error: httpx.HTTPError) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in {*_BUSY_STATUSES, _RANGE_REFUSED}
    return isinstance(error, httpx.TransportError)


def _size_bytes(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
