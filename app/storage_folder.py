"""Files in a local folder, safe against a power cut."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from obstore.store import LocalStore

from app.storage import (
    PIECE_BYTES,
    StorageFull,
    Store,
    StoredFile,
    StoredFileMissing,
    checked_hash,
    checked_key,
    mismatch,
)  # fmt: skip

INCOMING = ".incoming"
"""Where files lie until they are whole: on the same disk as the files themselves, under names that no key can have."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP)


class FolderStore(Store):
    """A folder. What is written is synced to the disk, file and folders, before the writing returns.

    The writing is our own: obstore syncs nothing and has create-only writes only for what fits into memory.
    """

    def __init__(self, root: Path) -> None:
        """A store in a folder, which is made where there is none, for its owner's eyes only."""
        for folder in (root, root / INCOMING):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root = root.resolve()
        _sync_folder(self._root.parent)
        super().__init__(LocalStore(self._root), str(root))

    def put_file(self, key: str, path: Path, *, sha256: str) -> None:
        """Store a copy of a file."""
        checked_hash(sha256)
        with self._told(), self._written(_pieces_of(path)) as (incoming, found):
            if found != sha256:
                raise mismatch(path, found, sha256)
            self._publish(key, incoming, sha256)

    def take_file(self, key: str, path: Path, *, sha256: str) -> None:
        """Store a file, which is moved where it lies on the same disk."""
        checked_hash(sha256)
        with self._told():
            incoming = self._incoming()
            try:
                incoming.hardlink_to(path)
            except OSError:  # another disk, or one without links
                self.put_file(key, path, sha256=sha256)
            else:
                self._publish_linked(key, path, incoming, sha256)
            path.unlink(missing_ok=True)

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store a small file."""
        with self._told(), self._written([data]) as (incoming, found):
            self._publish(key, incoming, found)

    def replace_bytes(self, key: str, data: bytes, *, content_type: str) -> None:  # noqa: ARG002 - folders keep none
        """Store a small file in place of the one before; not synced, so that a thousand clips are quick."""
        final, incoming = self._prepared(key), self._incoming()
        with self._told(), self._removed_after(incoming):
            incoming.write_bytes(data)
            incoming.replace(final)

    @contextmanager
    def open_local(self, key: str) -> Iterator[Path]:
        """The file itself."""
        path = self._path(key)
        if not path.is_file():
            raise StoredFileMissing(f"no such file in {self}: {key}")
        yield path

    def signed_url(self, key: str, *, expires_in: timedelta) -> str | None:  # noqa: ARG002 - a folder signs nothing
        """None: the service hands out local files itself."""
        return None

    def delete(self, key: str) -> None:
        """Remove a file, for good also after a power cut."""
        super().delete(key)
        with suppress(FileNotFoundError):
            _sync_folder(self._path(key).parent)

    def list(self, prefix: str = "") -> Iterator[StoredFile]:
        """The files below a prefix; those on their way are not among them."""
        return (file for file in super().list(prefix) if not file.key.startswith(f"{INCOMING}/"))

    def unfinished(self) -> Iterator[Path]:
        """Files on their way, or left lying by a process that was killed."""
        yield from (self._root / INCOMING).iterdir()

    def _path(self, key: str) -> Path:
        return self._root / checked_key(key)

    def _incoming(self) -> Path:
        return self._root / INCOMING / secrets.token_hex(16)

    @contextmanager
    def _written(self, pieces: Iterable[bytes]) -> Iterator[tuple[Path, str]]:
        """The pieces in a file on its way, synced, and what they hash to; the file is gone afterwards."""
        path, digest = self._incoming(), hashlib.sha256()
        with self._removed_after(path):
            with path.open("xb") as file:
                for piece in pieces:
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            yield path, digest.hexdigest()

    @contextmanager
    def _removed_after(self, incoming: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._in_words(error) from error
        finally:
            incoming.unlink(missing_ok=True)

    def _publish_linked(self, key: str, path: Path, incoming: Path, sha256: str) -> None:
        with self._removed_after(incoming):
            with incoming.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
                os.fsync(file.fileno())
            if found != sha256:
                raise mismatch(path, found, sha256)
            self._publish(key, incoming, sha256)

    def _publish(self, key: str, incoming: Path, sha256: str) -> None:
        """Give a file that is whole its name, unless the name is taken."""
        final = self._prepared(key)
        try:
            _link(incoming, final)
        except FileExistsError:
            self._confirm_same(key, sha256, incoming.stat().st_size)
        self._sync(key)

    def _prepared(self, key: str) -> Path:
        path = self._path(key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def _sync(self, key: str) -> None:
        """Bring the names of a file and its folders to the disk."""
        for folder in self._path(key).parents:
            _sync_folder(folder)
            if folder == self._root:
                return

    def _in_words(self, error: OSError) -> Exception:
        if error.errno in _FULL:
            return StorageFull(f"{self} has no space left: {error.strerror}; make room, then try again")
        return error


def _pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _link(incoming: Path, final: Path) -> None:
    """Raises FileExistsError where the name is taken; a rename would overwrite."""
    try:
        final.hardlink_to(incoming)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if final.exists():
            raise FileExistsError(final) from error
        incoming.rename(final)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
