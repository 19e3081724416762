"""What receiving files needs, and how one that is whole is taken over."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from app.db import reading, transaction
from app.errors import AppError, Conflict, NotFound
from app.manifests.facts import Facts
from app.settings import Settings
from app.storage import Store, recording_key, sha256_of
from app.uploads.arrivals import Arrival, File, arrive, lock_project, sent_before
from app.uploads.faults import ChecksumDiffers, DiskNearlyFull, UploadGone
from app.uploads.parts import Parts
from models.base import now
from models.recording import Recording
from models.upload import Upload, UploadState

FOLDER = "uploads"


def free_bytes_of(folder: Path) -> int:
    """Room on the disk of a folder that may not be there yet."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(there).free


def enqueue_ingest(session: Session, recording: Recording) -> None:
    """Have a recording decoded and cut, in the transaction that makes it."""
    from app.jobs.engine import enqueue
    from app.jobs.queues import JobName, Queue

    enqueue(
        session, JobName.INGEST, [str(recording.id)], key=f"ingest:{recording.id}", queue=Queue.INGEST,
        priority=recording.priority,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reception:
    """Where files come in. free_bytes_of: room on the disk of a folder. go_on: has a new recording processed."""

    sessions: sessionmaker[Session]
    store: Store
    settings: Settings
    free_bytes_of: Callable[[Path], int] = free_bytes_of
    go_on: Callable[[Session, Recording], None] = enqueue_ingest
    parts: Parts = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", Parts(self.settings.data_folder / FOLDER))

    @property
    def free_bytes(self) -> int:
        """Room on the disk that files are received on."""
        return self.free_bytes_of(self.parts.folder)

    def require_room(self, n_bytes: int) -> None:
        """See that the disk stays free as far as it must when so many bytes are written.

        Raises:
            DiskNearlyFull: it would not.
        """
        free, kept = self.free_bytes, self.settings.free_bytes
        if free - n_bytes < kept:
            raise DiskNearlyFull(f"{free:,} bytes are free on the service's disk, {kept:,} must stay so; go on later")

    def expiry(self) -> datetime:
        """When an upload that is touched now is given up."""
        return now() + timedelta(hours=self.settings.upload_hours)

    def upload(self, upload_id: UUID) -> Upload:
        """An upload that is open or complete.

        Raises:
            NotFound: there is none.
            UploadGone: it expired or was terminated.
        """
        with reading(self.sessions) as session:
            upload = session.get(Upload, upload_id)
        if upload is None:
            raise NotFound(f"there is no upload {str(upload_id)!r}")
        is_late = upload.state is UploadState.OPEN and upload.expires_at < now()
        if is_late or upload.state in (UploadState.EXPIRED, UploadState.TERMINATED):
            raise UploadGone(f"upload {upload_id} {'expired' if is_late else f'is {upload.state}'}; begin a new one")
        return upload

    def safe_bytes(self, upload: Upload) -> int:
        """How many bytes row and file agree on: what was sent may go on from there."""
        if upload.state is not UploadState.OPEN:
            return upload.offset_bytes
        return min(upload.offset_bytes, self.parts.size(upload.id))

    def close(self, upload_id: UUID, state: UploadState) -> None:
        """Give up an upload that is open, and drop its bytes. Only for whoever has its lock."""
        with transaction(self.sessions) as session:
            session.execute(
                update(Upload)
                .where(Upload.id == upload_id, Upload.state == UploadState.OPEN)
                .values(state=state, version=Upload.version + 1, updated_at=now())
            )
        self.parts.drop(upload_id)

    def finish(self, upload: Upload, *, sha256: str | None = None) -> Arrival:
        """Take over a file of which every byte is safe. Only for whoever has its lock; may be repeated after a crash.

        sha256: of the bytes, where they were hashed while they came; else they are read again.

        Raises:
            ChecksumDiffers: not the file that was announced; the upload is over.
            Conflict: the client's reference belongs to another recording; the upload is over.
            StorageError: the store's fault; the upload stays, to be finished later.
        """
        path = self.parts.path(upload.id)
        found = sha256 or (sha256_of(path) if upload.size_bytes else hashlib.sha256().hexdigest())
        file = File(upload.file_name, found, upload.size_bytes)
        facts = Facts.from_json(upload.facts)
        try:
            self._check(upload, file, facts)
            self._store(upload, file)
            arrival = self._arrive(upload, file, facts)
        except (ChecksumDiffers, Conflict) as error:
            self._refuse(upload, error)
        self.parts.drop(upload.id)
        return arrival

    def _check(self, upload: Upload, file: File, facts: Facts) -> None:
        if upload.sha256 is not None and upload.sha256 != file.sha256:
            raise ChecksumDiffers(
                f"the file hashes to {file.sha256}, expected {upload.sha256}: it was changed on its way; send it anew"
            )
        with reading(self.sessions) as session:
            sent_before(session, upload.project_id, file, facts)

    def _store(self, upload: Upload, file: File) -> None:
        if not file.size_bytes:
            self.parts.path(upload.id).touch(mode=0o600)
        whole = self.parts.link(upload.id)
        put = self.store.put_file if whole == self.parts.path(upload.id) else self.store.take_file
        put(recording_key(upload.project_id, file.sha256), whole, sha256=file.sha256)

    def _arrive(self, upload: Upload, file: File, facts: Facts) -> Arrival:
        with transaction(self.sessions) as session:
            arrival = arrive(session, lock_project(session, upload.project_id), file, facts)
            row = session.get_one(Upload, upload.id)
            row.state, row.recording_id, row.offset_bytes = UploadState.COMPLETE, arrival.recording.id, row.size_bytes
            if arrival.is_to_be_processed:
                self.go_on(session, arrival.recording)
        return arrival

    def _refuse(self, upload: Upload, error: AppError) -> None:
        self.close(upload.id, UploadState.TERMINATED)
        raise error
