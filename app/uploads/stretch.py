"""The bytes of one request, on their way to the disk."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

from sqlalchemy import update

from app.db import transaction
from app.errors import TooLarge
from app.uploads.arrivals import Arrival
from app.uploads.faults import ChecksumDiffers, OffsetWrong
from app.uploads.headers import Checksum
from app.uploads.parts import room_wanted
from app.uploads.reception import Reception
from models.base import now
from models.upload import Upload, UploadState

if TYPE_CHECKING:
    from filelock import FileLock

SAVE_EVERY_BYTES = 16 * 1024 * 1024
SAVE_EVERY_S = 5.0
"""What a kill may cost: whichever of the two comes first. Saving means a sync of the file and a commit."""


@dataclass(slots=True)
class Stretch:
    """Bytes that follow on an upload's last ones. One thread at a time; `close` it always.

    With a checksum nothing counts until all of them came and hash to it.
    """

    reception: Reception
    upload: Upload
    lock: FileLock
    checksum: Checksum | None
    offset_bytes: int
    """How much of the file is written."""
    saved_bytes: int
    """How much of it is safe."""
    _file: BinaryIO | None = None
    _digest: hashlib._Hash | None = None
    _saved_at: float = field(default_factory=monotonic)

    @classmethod
    def begin(
        cls, reception: Reception, upload_id: UUID, *, offset_bytes: int, n_bytes: int | None, checksum: Checksum | None
    ) -> Stretch:
        """Open an upload for bytes from an offset; n_bytes: how many the client says will come.

        Raises:
            UploadBusy: another request is writing to it.
            NotFound, UploadGone: there is no such upload any more.
            OffsetWrong: the file goes on elsewhere.
            TooLarge: more bytes than were announced.
        """
        reception.upload(upload_id)  # no lock file is made for an upload that is not there
        lock = reception.parts.lock(upload_id)
        try:
            upload = reception.upload(upload_id)
            safe = reception.safe_bytes(upload)
            if offset_bytes != safe:
                raise OffsetWrong(
                    f"Upload-Offset is {offset_bytes:,}; expected {safe:,}, how much of the file is safe here"
                )
            if n_bytes is not None and offset_bytes + n_bytes > upload.size_bytes:
                raise TooLarge(f"{offset_bytes + n_bytes:,} bytes; expected {upload.size_bytes:,}, as was announced")
            stretch = cls(reception, upload, lock, checksum, offset_bytes, offset_bytes)
            stretch._open()
        except BaseException:
            lock.release()
            raise
        return stretch

    @property
    def is_whole(self) -> bool:
        """Whether every byte of the file is written."""
        return self.offset_bytes == self.upload.size_bytes

    def write(self, piece: bytes) -> None:
        """Append bytes; now and then they are made safe.

        Raises:
            TooLarge: more than were announced.
            DiskNearlyFull: the disk is needed for other things; what is safe stays.
        """
        if self.offset_bytes + len(piece) > self.upload.size_bytes:
            raise TooLarge(f"more bytes than the {self.upload.size_bytes:,} that were announced")
        assert self._file is not None
        self.reception.require_room(len(piece))
        with room_wanted(self.reception.parts.folder):
            view = memoryview(piece)
            while view:
                view = view[self._file.write(view) :]
        self.offset_bytes += len(piece)
        if self._digest is not None:
            self._digest.update(piece)
        if self.checksum is not None:
            self.checksum.digest.update(piece)
        elif self._is_due():
            self.save()

    def save(self) -> None:
        """Make what is written safe: first the bytes, then the row that counts them."""
        assert self._file is not None
        with room_wanted(self.reception.parts.folder):
            os.fsync(self._file.fileno())
        with transaction(self.reception.sessions) as session:
            session.execute(
                update(Upload)
                .where(Upload.id == self.upload.id, Upload.state == UploadState.OPEN)
                .values(
                    offset_bytes=self.offset_bytes, expires_at=self.reception.expiry(),
                    version=Upload.version + 1, updated_at=now(),
                )
            )  # fmt: skip
        self.saved_bytes, self._saved_at = self.offset_bytes, monotonic()

    def end(self) -> Arrival | None:
        """All bytes of the request came: they are safe, and where the file is whole it is taken over.

        Raises:
            ChecksumDiffers: they do not hash to what was promised; none of them counts.
        """
        if self.checksum is not None and not self.checksum.holds():
            raise ChecksumDiffers(
                f"the bytes from {self.saved_bytes:,} on do not hash to Upload-Checksum; send them again"
            )
        if self.offset_bytes != self.saved_bytes:
            self.save()
        if not self.is_whole or self.upload.state is not UploadState.OPEN:
            return None
        self._close_file()
        return self.reception.finish(self.upload, sha256=self._digest.hexdigest() if self._digest else None)

    def break_off(self) -> None:
        """The client went away: what came is safe, unless a checksum was to hold for all of it."""
        if self.checksum is None and self.offset_bytes != self.saved_bytes:
            self.save()

    def close(self) -> None:
        """Let go of file and lock."""
        self._close_file()
        self.lock.release()

    def _open(self) -> None:
        if self.upload.state is not UploadState.OPEN or (self.is_whole and self.upload.size_bytes):
            return  # every byte is there: not one is ever written again
        self._file = self.reception.parts.open(self.upload.id, offset_bytes=self.offset_bytes)
        self._digest = hashlib.sha256() if self.offset_bytes == 0 else None

    def _is_due(self) -> bool:
        n_bytes, seconds = self.offset_bytes - self.saved_bytes, monotonic() - self._saved_at
        return n_bytes >= SAVE_EVERY_BYTES or (n_bytes > 0 and seconds >= SAVE_EVERY_S)

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
