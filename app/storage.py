"""Files: a folder or an S3-compatible bucket behind one interface.

A file is written once under its key and never changed; it becomes visible whole or not at all, after its checksum held.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from uuid import UUID

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotSupportedError,
    PermissionDeniedError,
    UnauthenticatedError,
)  # fmt: skip

from app.errors import AppError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

    from app.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

PIECE_BYTES = 4 * 1024 * 1024
"""Files are read and written in pieces of this size: memory does not grow with the file."""
MAX_KEY_LENGTH = 512
_KEY = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")
_HASH = re.compile(r"[0-9a-f]{64}")


class StorageError(AppError):
    """A file that cannot be stored or read. retryable: whether trying again later can help."""

    status = 500
    title = "A file cannot be stored or read"
    retryable = False


class KeyInvalid(StorageError):
    """A key that could lead out of the store; keys are made of ids and hashes, never of what a person typed."""

    title = "Not a key"


class StoredFileMissing(StorageError):
    """No file under this key."""

    status = 404
    title = "No such file"


class StoredFileDiffers(StorageError):
    """Another file lies under this key already, and nothing is overwritten."""

    status = 409
    title = "Another file is there"


class ChecksumMismatch(StorageError):
    """A file that does not hash to what was promised: it was changed or cut on its way."""

    status = 422
    title = "The checksum does not hold"


class StorageRefused(StorageError):
    """Credentials that the bucket does not accept, or a folder that we may not write to."""

    title = "The store refuses us"


class StorageFull(StorageError):
    """No space left for the file."""

    status = 507
    title = "No space left"
    retryable = True


class StorageUnavailable(StorageError):
    """A bucket that does not answer, or a disk that fails."""

    status = 503
    title = "The store does not answer"
    retryable = True


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What a listing tells of a file."""

    key: str
    size_bytes: int
    modified_at: datetime


class Store(ABC):
    """Where files lie. Safe to share between threads."""

    def __init__(self, objects: ObjectStore, place: str) -> None:
        self._objects = objects
        self._place = place

    def __str__(self) -> str:
        return self._place

    @abstractmethod
    def put_file(self, key: str, path: Path, *, sha256: str) -> None:
        """Store a copy of a file, unless the very same lies there already. Afterwards it survives a power cut.

        Raises:
            ChecksumMismatch: the file does not hash to `sha256`; nothing was stored.
            StoredFileDiffers: another file has this key.
            StorageFull, StorageUnavailable, StorageRefused: the store's fault, not the file's.
        """

    @abstractmethod
    def take_file(self, key: str, path: Path, *, sha256: str) -> None:
        """Like `put_file`, and `path` is gone afterwards; on one disk nothing is copied and no room is needed."""

    @abstractmethod
    def put_bytes(self, key: str, data: bytes) -> None:
        """Store a small file, unless the very same lies there already.

        Raises:
            StoredFileDiffers: another file has this key.
        """

    @abstractmethod
    def replace_bytes(self, key: str, data: bytes, *, content_type: str) -> None:
        """Store a small file that can be made again, in place of the one before. A power cut may take it."""

    @abstractmethod
    def open_local(self, key: str) -> AbstractContextManager[Path]:
        """The file as a path to read from while the context lasts: itself, or a download that is deleted afterwards.

        Raises:
            StoredFileMissing: there is none.
        """

    @abstractmethod
    def signed_url(self, key: str, *, expires_in: timedelta) -> str | None:
        """An address that hands out this file alone until it expires; None where the store cannot make one."""

    def read_range(self, key: str, start: int, end: int) -> bytes:
        """Bytes `[start, end)` of a file, fewer where it ends before.

        Raises:
            StoredFileMissing: there is no such file.
        """
        if not 0 <= start <= end:
            raise ValueError(f"a range needs 0 <= start <= end, got [{start}, {end})")
        end = min(end, self.size(key))
        if start >= end:
            return b""
        return bytes(self._asked(obstore.get_range, self._objects, key, start=start, end=end))

    def pieces(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes `[start, end)` of a file, piece by piece; to its end where `end` is None."""
        last = self.size(key) if end is None else min(end, self.size(key))
        for place in range(start, last, PIECE_BYTES):
            stop = min(place + PIECE_BYTES, last)
            yield bytes(self._asked(obstore.get_range, self._objects, key, start=place, end=stop))

    def sha256(self, key: str) -> str:
        """What the stored file hashes to now; reads all of it."""
        digest = hashlib.sha256()
        for piece in self.pieces(key):
            digest.update(piece)
        return digest.hexdigest()

    def size(self, key: str) -> int:
        """Size in bytes.

        Raises:
            StoredFileMissing: there is no such file.
        """
        return int(self._asked(obstore.head, self._objects, checked_key(key))["size"])

    def exists(self, key: str) -> bool:
        """Whether there is such a file."""
        try:
            self.size(key)
        except StoredFileMissing:
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove a file; one that is not there is no error."""
        try:
            self._asked(obstore.delete, self._objects, checked_key(key))
        except StoredFileMissing:
            return

    def list(self, prefix: str = "") -> Iterator[StoredFile]:
        """The files below a prefix (whole parts of keys), in no order, as the store hands them out."""
        stream = iter(obstore.list(self._objects, prefix=checked_key(prefix) if prefix else None, chunk_size=1000))
        while (chunk := self._asked(next, stream, None)) is not None:
            for entry in chunk:
                yield StoredFile(entry["path"], entry["size"], entry["last_modified"])

    def _confirm_same(self, key: str, sha256: str, size_bytes: int) -> None:
        """Raises StoredFileDiffers unless what lies there is what was to be written."""
        found = self.size(key)
        if found != size_bytes or self.sha256(key) != sha256:
            raise StoredFileDiffers(
                f"{key} in {self} is another file already ({found} bytes); expected the {size_bytes} bytes that "
                f"hash to {sha256}, and nothing is overwritten"
            )

    def _asked(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._told():
            return call(*args, **kwargs)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the store in our words."""
        try:
            yield
        except (AlreadyExistsError, NotSupportedError, AppError):
            raise
        except FileNotFoundError as error:
            raise StoredFileMissing(f"no such file in {self}: {_first_line(error)}") from error
        except (PermissionDeniedError, UnauthenticatedError, PermissionError) as error:
            raise StorageRefused(f"{self} refuses us: {_first_line(error)}; check credentials and rights") from error
        except (BaseError, OSError) as error:
            raise StorageUnavailable(f"{self} does not answer: {_first_line(error)}; trying again may help") from error


def open_store(settings: Settings) -> Store:
    """The store that the settings name: a bucket, or the folder `files` in the data folder."""
    if settings.store is None:
        from app.storage_folder import FolderStore

        return FolderStore(settings.data_folder / "files")
    from app.storage_bucket import open_bucket

    return open_bucket(settings)


def recording_key(project_id: UUID, sha256: str) -> str:
    """Where a recording lies: within its project, so that no client can find out what another one sent."""
    return checked_key(f"{project_id}/{checked_hash(sha256)}")


def checked_key(key: str) -> str:
    """The key itself.

    Raises:
        KeyInvalid: it is not made of ids, hashes and fixed words.
    """
    if len(key) > MAX_KEY_LENGTH or ".." in key or not _KEY.fullmatch(key):
        raise KeyInvalid(f"{key[:80]!r} is no key; expected parts of a-z, 0-9, '.', '_' and '-', divided by '/'")
    return key


def checked_hash(sha256: str) -> str:
    """The hash itself.

    Raises:
        KeyInvalid: it is not 64 hex digits in lower case.
    """
    if not _HASH.fullmatch(sha256):
        raise KeyInvalid(f"{sha256[:80]!r} is no sha256; expected 64 hex digits in lower case")
    return sha256


def sha256_of(path: Path) -> str:
    """What a local file hashes to."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def mismatch(path: Path, found: str, expected: str) -> ChecksumMismatch:
    """That a file is not what was promised."""
    return ChecksumMismatch(f"{path.name} hashes to {found}, expected {expected}: it was changed or cut on its way")


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
