"""Beginning, claiming and ending uploads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import reading
from app.errors import FieldFault, Invalid
from app.manifests.columns import ALIASES
from app.manifests.facts import COLUMNS, Facts
from app.uploads.admission import admit
from app.uploads.arrivals import Arrival, File, arrive, holder, lock_project, sent_before
from app.uploads.faults import UploadBusy
from app.uploads.judging import checked_facts
from app.uploads.names import tidy_name
from app.uploads.reception import Reception
from models.base import new_id, now
from models.project import Project
from models.recording import Recording
from models.upload import Upload, UploadState

_HASH = re.compile(r"[0-9a-f]{64}")
_NAME_KEYS = ("filename", "name")
_PASSED_OVER = frozenset((*_NAME_KEYS, "sha256", "filetype", "type", "relativepath"))
"""What browsers' uploaders send beside our columns."""


class ClaimOutcome(StrEnum):
    """What is to be done with a file that a client has."""

    KNOWN = "known"
    """Nothing: it is a recording of the project."""
    LINKED = "linked"
    """Nothing: its bytes were there under another name, and it is now a recording linked to the first."""
    SEND = "send"
    """Send its bytes, from where the upload stands."""


@dataclass(frozen=True, slots=True)
class Received:
    """That all bytes of a file lie in its part already."""

    upload_id: UUID


@dataclass(frozen=True, slots=True)
class Claim:
    """A client's file and what became of it. recording: None while bytes are to be sent; upload: None otherwise."""

    outcome: ClaimOutcome
    recording: Recording | None
    upload: Upload | None


def begin(
    reception: Reception, session: Session, project: Project, *,
    size_bytes: int, metadata: Mapping[str, str], received: Received | None = None,
) -> Upload:  # fmt: skip
    """Open an upload of a file of which `metadata` says name, sha256 and facts, as far as they are known.

    Raises:
        Invalid: metadata that is wrong or that nobody expects.
        Conflict: the client's reference belongs to another recording.
        TooLarge, TooManyUploads, DiskNearlyFull: there is no room.
    """
    unexpected = sorted(set(metadata) - _PASSED_OVER - set(COLUMNS) - set(ALIASES))
    if unexpected:
        expected = f"one of filename, sha256, {', '.join(COLUMNS)}"
        raise Invalid(
            f"nothing is known by the name {unexpected[0]!r:.80}; expected {expected}",
            FieldFault("Upload-Metadata", repr(unexpected[0])[:200], expected),
        )
    facts = checked_facts(session, project, dict(metadata))
    name = next((metadata[key] for key in _NAME_KEYS if metadata.get(key)), "")
    sha256 = checked_hash(metadata.get("sha256"))
    return _opened(
        reception, session, project,
        name=tidy_name(name), size_bytes=size_bytes, sha256=sha256, facts=facts, received=received,
    )  # fmt: skip


def claim(
    reception: Reception, session: Session, project: Project, *,
    name: str, size_bytes: int, sha256: str, cells: Mapping[str, str],
) -> Claim:  # fmt: skip
    """Say what is to be done with a file that a client has, and open an upload where its bytes are needed.

    Asked again, the answer is the same or further on: the client need remember nothing.

    Raises:
        Invalid: cells that are wrong.
        Conflict: the client's reference belongs to another recording.
        TooLarge, TooManyUploads, DiskNearlyFull: there is no room.
    """
    facts = checked_facts(session, project, dict(cells))
    file = File(tidy_name(name), sha256, size_bytes)
    lock_project(session, project.id)
    again = sent_before(session, project.id, file, facts)
    if again is not None:
        return Claim(ClaimOutcome.KNOWN, again, None)
    if holder(session, project.id, sha256) is not None:
        arrival = arrive(session, project, file, facts)
        return Claim(ClaimOutcome.LINKED, arrival.recording, None)
    upload = _open_before(session, project, file, facts) or _opened(
        reception, session, project, name=file.name, size_bytes=size_bytes, sha256=sha256, facts=facts
    )
    return Claim(ClaimOutcome.SEND, None, upload)


def terminate(reception: Reception, upload_id: UUID) -> None:
    """Give up an upload; one that is complete stays, for it is a recording.

    Raises:
        NotFound, UploadGone: there is none any more.
        UploadBusy: a request is writing to it.
    """
    if reception.upload(upload_id).state is not UploadState.OPEN:
        return
    with reception.parts.locked(upload_id):
        reception.close(upload_id, UploadState.TERMINATED)


def finish_if_possible(reception: Reception, upload: Upload) -> Arrival | None:
    """Take over an upload of which every byte was safe when the service was killed, unless that is being done."""
    if upload.state is not UploadState.OPEN or reception.safe_bytes(upload) != upload.size_bytes:
        return None
    try:
        with reception.parts.locked(upload.id):
            fresh = reception.upload(upload.id)
            is_whole = fresh.state is UploadState.OPEN and reception.safe_bytes(fresh) == fresh.size_bytes
            return reception.finish(fresh) if is_whole else None
    except UploadBusy:
        return None


def recording_of(reception: Reception, upload: Upload) -> Recording | None:
    """What became of an upload; None while it is under way."""
    if upload.recording_id is None:
        return None
    with reading(reception.sessions) as session:
        return session.get_one(Recording, upload.recording_id)


def checked_hash(sha256: str | None) -> str | None:
    """The hash of a file as the client gives it.

    Raises:
        Invalid: it is none.
    """
    if sha256 is not None and not _HASH.fullmatch(sha256):
        expected = "the sha256 of the file, 64 hex digits in lower case"
        raise Invalid(
            f"sha256 is {sha256!r:.90}, expected {expected}", FieldFault("sha256", repr(sha256)[:90], expected)
        )
    return sha256


def _open_before(session: Session, project: Project, file: File, facts: Facts) -> Upload | None:
    """An upload of this very file that was begun before and may go on."""
    candidates = session.scalars(
        select(Upload)
        .where(
            Upload.project_id == project.id, Upload.state == UploadState.OPEN, Upload.expires_at > now(),
            Upload.sha256 == file.sha256, Upload.size_bytes == file.size_bytes, Upload.file_name == file.name,
        )
        .order_by(Upload.offset_bytes.desc())
    ).all()  # fmt: skip
    return next((upload for upload in candidates if upload.facts == facts.to_json()), None)


def _opened(
    reception: Reception, session: Session, project: Project, *,
    name: str, size_bytes: int, sha256: str | None, facts: Facts, received: Received | None = None,
) -> Upload:  # fmt: skip
    if sha256 is not None:
        sent_before(session, project.id, File(name, sha256, size_bytes), facts)
    received_bytes = size_bytes if received else 0
    admit(
        session, project, size_bytes=size_bytes, received_bytes=received_bytes, settings=reception.settings,
        free_bytes=reception.free_bytes,
    )  # fmt: skip
    upload = Upload(
        id=received.upload_id if received else new_id(), project_id=project.id, file_name=name, size_bytes=size_bytes,
        sha256=sha256, facts=facts.to_json(), expires_at=reception.expiry(), offset_bytes=received_bytes,
        state=UploadState.OPEN,
    )  # fmt: skip
    session.add(upload)
    session.flush()
    return upload
