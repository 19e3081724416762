"""A small file with what is known of it, in one form: for scripts and plain web pages."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import UUID

from app.api.rooms import in_upload_thread
from app.db import reading, transaction
from app.deps import found
from app.errors import FieldFault, Invalid, TooLarge
from app.uploads import service
from app.uploads.arrivals import Arrival
from app.uploads.forms import FILE_FIELD, MOST_FIELD_BYTES, Form
from app.uploads.parts import room_wanted
from app.uploads.receiving import pieces_of
from app.uploads.reception import Reception
from models.base import new_id
from models.project import Project


async def receive_form(
    reception: Reception, project_id: UUID, headers: Mapping[str, str], chunks: AsyncIterator[bytes]
) -> Arrival:
    """Take in a form with one field `file`, and fields named as the columns of a manifest.

    Raises:
        AppError: it is no such form, its fields are wrong, or there is no room; nothing of it stays.
    """
    form = Form(headers.get("content-type", ""))
    spool = await in_upload_thread(_begin, reception, project_id, headers)
    try:
        async for piece in pieces_of(chunks):
            came = form.feed(piece)
            if came:
                await in_upload_thread(spool.write, came)
        if not form.is_whole or form.file_name is None:
            raise Invalid("the form has no file", FieldFault(FILE_FIELD, "", "one field 'file' with the recording"))
        return await in_upload_thread(spool.arrive, project_id, form)
    finally:
        await in_upload_thread(spool.close)


@dataclass(slots=True)
class Spool:
    """The bytes of a file of which nothing else is known yet."""

    reception: Reception
    upload_id: UUID
    file: BinaryIO
    size_bytes: int = 0
    is_kept: bool = False
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, piece: bytes) -> None:
        """Append bytes.

        Raises:
            TooLarge, DiskNearlyFull: there is no room for them.
        """
        self.size_bytes += len(piece)
        most = self.reception.settings.max_file_bytes
        if self.size_bytes > most:
            raise TooLarge(f"the file has more than {most:,} bytes; expected at most so many")
        self.reception.require_room(len(piece))
        with room_wanted(self.reception.parts.folder):
            self.file.write(piece)
        self.digest.update(piece)

    def arrive(self, project_id: UUID, form: Form) -> Arrival:
        """Make the file a recording."""
        with room_wanted(self.reception.parts.folder):
            self.file.flush()
            os.fsync(self.file.fileno())
        with transaction(self.reception.sessions) as session:
            upload = service.begin(
                self.reception, session, found(session, Project, project_id),
                size_bytes=self.size_bytes, metadata=form.fields | {"filename": form.file_name or ""},
                received=service.Received(self.upload_id),
            )  # fmt: skip
        self.is_kept = True
        return self.reception.finish(upload, sha256=self.digest.hexdigest())

    def close(self) -> None:
        """Let go of the file; what no upload knows of is dropped."""
        self.file.close()
        if not self.is_kept:
            self.reception.parts.drop(self.upload_id)


def _begin(reception: Reception, project_id: UUID, headers: Mapping[str, str]) -> Spool:
    """Refuse early what cannot be taken: before its bytes are sent."""
    with reading(reception.sessions) as session:
        found(session, Project, project_id)
    said = headers.get("content-length", "")
    length = int(said) if said.isdigit() and len(said) < 16 else 0
    if length > reception.settings.max_file_bytes + MOST_FIELD_BYTES:
        raise TooLarge(f"the form has {length:,} bytes; a file has at most {reception.settings.max_file_bytes:,}")
    reception.require_room(length)
    upload_id = new_id()
    reception.parts.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Spool(reception, upload_id, reception.parts.open(upload_id, offset_bytes=0))
