"""The headers of tus. Source: tus resumable upload protocol 1.0.0, with the extensions named in `EXTENSIONS`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from app.errors import FieldFault, Invalid
from app.uploads.faults import MediaTypeWrong, VersionUnsupported

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
MEDIA_TYPE = "application/offset+octet-stream"
_ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
ALGORITHMS = ",".join(_ALGORITHMS)
MOST_DIGITS = 15
_KEY = re.compile(r"[!-+\--~]+")


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of a request must hash to. digest: of those that came so far."""

    digest: hashlib._Hash
    expected: bytes

    def holds(self) -> bool:
        """Whether they do."""
        return self.digest.digest() == self.expected


def require_version(headers: Mapping[str, str]) -> None:
    """That the client speaks our version.

    Raises:
        VersionUnsupported: it does not say so.
    """
    said = headers.get("tus-resumable")
    if said != VERSION:
        raise VersionUnsupported(f"Tus-Resumable is {said!r:.80}, expected {VERSION!r}")


def require_bytes(headers: Mapping[str, str]) -> None:
    """That the body is bytes of a file.

    Raises:
        MediaTypeWrong: it is not.
    """
    said = headers.get("content-type")
    if said != MEDIA_TYPE:
        raise MediaTypeWrong(f"Content-Type is {said!r:.80}, expected {MEDIA_TYPE!r}")


def number(headers: Mapping[str, str], name: str) -> int:
    """A header that counts bytes.

    Raises:
        Invalid: it is missing, or no number.
    """
    said = headers.get(name.lower())
    if said is None or not (said.isascii() and said.isdigit() and len(said) <= MOST_DIGITS):
        raise _invalid(name, said, "a number of bytes")
    return int(said)


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    """What the body must hash to; None where the client does not say.

    Raises:
        Invalid: an algorithm that is not taken, or no hash of it.
    """
    said = headers.get("upload-checksum")
    if said is None:
        return None
    algorithm, _, encoded = said.partition(" ")
    make = _ALGORITHMS.get(algorithm)
    expected = _decoded(encoded)
    if make is None or expected is None or len(expected) != make().digest_size:
        raise _invalid("Upload-Checksum", said, f"one of {ALGORITHMS}, a space, and the hash in base64")
    return Checksum(make(), expected)


def metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """Keys and texts of Upload-Metadata, keys in lower case.

    Raises:
        Invalid: it does not follow the protocol, or a value is not UTF-8.
    """
    said = headers.get("upload-metadata", "")
    pairs = {}
    for pair in filter(None, (each.strip() for each in said.split(","))):
        key, _, encoded = pair.partition(" ")
        value = _decoded(encoded)
        try:
            if value is None or not _KEY.fullmatch(key) or key.lower() in pairs:
                raise ValueError(pair)
            pairs[key.lower()] = value.decode("utf-8")
        except ValueError as error:
            expected = "pairs with commas between, each a key, a space and a UTF-8 text in base64; no key twice"
            raise _invalid("Upload-Metadata", pair, expected) from error
    return pairs


def expires(moment: datetime) -> str:
    """A moment as Upload-Expires gives it."""
    return format_datetime(moment, usegmt=True)


def _decoded(encoded: str) -> bytes | None:
    try:
        return base64.b64decode(encoded.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return None


def _invalid(name: str, said: str | None, expected: str) -> Invalid:
    fault = FieldFault(name, repr(said)[:200], expected)
    return Invalid(f"{name} is {fault.value}, expected {expected}", fault)
