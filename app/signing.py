"""Addresses that hand one file to one person until they expire."""

from __future__ import annotations

import hmac
import json
import os
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import AppError, NotFound

SECRET_FILE = "signing.key"
SECRET_BYTES = 32
VALID_S = 1_800
"""An address holds for this long at least and twice as long at most: within one such stretch of the clock the same file
has the same address, so that a browser fetches it once."""


class SecretUnusable(AppError):
    """A key that others can read, or that is none."""

    status = 500
    title = "The signing key cannot be used"


class LinkInvalid(NotFound):
    """An address that was changed, has expired or was made for somebody else: whether the file exists is not told."""

    def __init__(self) -> None:
        super().__init__("there is no such file at this address, or the address has expired; ask for a new one")


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs what may be fetched, until when, and by whom. Source: RFC 2104 (HMAC)."""

    secret: bytes = field(repr=False)

    def signature(self, resource: str, *, expires: int, principal: str) -> str:
        """64 hex digits. expires: seconds since 1970, UTC."""
        signed = json.dumps([resource, expires, principal]).encode()
        return hmac.digest(self.secret, signed, "sha256").hex()

    def check(self, resource: str, *, expires: int, principal: str, signature: str) -> None:
        """Let a request pass.

        Raises:
            LinkInvalid: the signature is not ours for this file and person, or the time is over.
        """
        expected = self.signature(resource, expires=expires, principal=principal)
        is_ours = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))
        if not is_ours or expires <= time.time():
            raise LinkInvalid


def next_expiry() -> int:
    """When an address that is made now expires, in seconds since 1970."""
    return (int(time.time()) // VALID_S + 2) * VALID_S


def open_signer(data_folder: Path) -> Signer:
    """The signer of this installation; its secret is drawn at the first start, readable for its owner alone.

    Raises:
        SecretUnusable: others can read the secret, or it was cut.
    """
    file = data_folder / SECRET_FILE
    if not file.exists():
        _draw(file)
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise SecretUnusable(
            f"{file} can be read by others; expected mode 600 (chmod 600, or delete it to draw another)"
        )
    secret = file.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise SecretUnusable(f"{file} has {len(secret)} bytes, expected {SECRET_BYTES}; delete it to draw another")
    return Signer(secret)


def _draw(file: Path) -> None:
    """Whole or not at all; of two processes that start at once, both use what the first one drew."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    drawn = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(drawn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            written.write(secrets.token_bytes(SECRET_BYTES))
            written.flush()
            os.fsync(written.fileno())
        try:
            file.hardlink_to(drawn)
        except FileExistsError:
            return
    finally:
        drawn.unlink(missing_ok=True)
