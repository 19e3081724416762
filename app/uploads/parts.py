"""Files on their way: `ID.part` in the folder `uploads` of the data folder, each locked while it is written.

The lock goes with the process, so that one that was killed leaves none behind.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from filelock import FileLock, Timeout

from app.uploads.faults import DiskNearlyFull, UploadBusy

PART = ".part"
LOCK = ".lock"
LINK = ".whole"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Parts:
    """The folder of files on their way."""

    folder: Path

    def path(self, upload_id: UUID) -> Path:
        """Where the bytes of an upload lie."""
        return self.folder / f"{upload_id}{PART}"

    def size(self, upload_id: UUID) -> int:
        """How many bytes lie there."""
        try:
            return self.path(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    @contextmanager
    def locked(self, upload_id: UUID) -> Iterator[None]:
        """The upload is nobody else's while the block runs.

        Raises:
            UploadBusy: it is somebody else's now.
        """
        lock = self.lock(upload_id)
        try:
            yield
        finally:
            lock.release()

    def lock(self, upload_id: UUID) -> FileLock:
        """The lock of an upload, taken; to be released by any thread.

        Raises:
            UploadBusy: somebody else has it.
            DiskNearlyFull: there is no room even for it.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self.folder / f"{upload_id}{LOCK}", timeout=0, thread_local=False, mode=0o600)
        try:
            with room_wanted(self.folder):
                lock.acquire()
        except Timeout as error:
            raise UploadBusy(f"another request is sending upload {upload_id}; try again when it has ended") from error
        return lock

    def open(self, upload_id: UUID, *, offset_bytes: int) -> BinaryIO:
        """The file, cut to what is known to be safe, to be written on from there. Only for whoever has the lock."""
        path = self.path(upload_id)
        with room_wanted(self.folder):
            is_new = not path.exists()
            file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)
            try:
                file.truncate(offset_bytes)
                file.seek(offset_bytes)
                if is_new:
                    sync_folder(self.folder)
            except BaseException:
                file.close()
                raise
        return file

    def link(self, upload_id: UUID) -> Path:
        """A second name of a file that is whole: the store takes that one away, and this one stays until the commit.

        The file itself where the disk has no links.
        """
        path, link = self.path(upload_id), self.folder / f"{upload_id}{LINK}"
        link.unlink(missing_ok=True)
        try:
            link.hardlink_to(path)
        except OSError:
            return path
        return link

    def drop(self, upload_id: UUID) -> None:
        """Remove what lies there of an upload. Only where its row says that no more will be written."""
        for ending in (PART, LINK, LOCK):
            with suppress(FileNotFoundError):
                (self.folder / f"{upload_id}{ending}").unlink()

    def lying(self) -> Iterator[tuple[UUID, float]]:
        """Uploads of which something lies there, and when it was last written to, in seconds since 1970."""
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            with suppress(ValueError, FileNotFoundError):
                yield UUID(path.name.partition(".")[0]), path.stat().st_mtime


@contextmanager
def room_wanted(folder: Path) -> Iterator[None]:
    """A disk that has no room left, in our words."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise DiskNearlyFull(f"the disk of {folder.name} has no room left; what came is kept, go on later") from error


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
