"""From a file that is whole to a recording of its project, in one transaction with the job that goes on with it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.manifests.facts import SPEAKER_COLUMNS, Facts
from app.storage import recording_key
from models.project import Project
from models.recording import Recording, RecordingState
from models.speaker import Speaker

DEFAULT_PRIORITY = 100


@dataclass(frozen=True, slots=True)
class File:
    """What was received. sha256: of its bytes, reckoned here. name: see `tidy_name`."""

    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a file. is_new: whether it was not a recording of the project before."""

    recording: Recording
    is_new: bool

    @property
    def is_to_be_processed(self) -> bool:
        """Whether its sound is not in the project yet."""
        return self.is_new and self.recording.state is RecordingState.RECEIVED


def lock_project(session: Session, project_id: UUID) -> Project:
    """The project, locked until the commit: two equal files that come in at once are told apart."""
    return session.scalars(select(Project).where(Project.id == project_id).with_for_update(key_share=True)).one()


def arrive(session: Session, project: Project, file: File, facts: Facts) -> Arrival:
    """Make a file a recording of a locked project.

    The same file sent again, by the client's reference or else by its name, is the recording that is there. The same
    bytes under another are a recording of their own, linked to the first, and not processed again.

    Raises:
        Conflict: the client's reference belongs to another recording.
    """
    again = sent_before(session, project.id, file, facts)
    if again is not None:
        return Arrival(again, is_new=False)
    first = holder(session, project.id, file.sha256)
    recording = Recording(
        project_id=project.id,
        speaker_id=_speaker_id(session, project.id, facts),
        duplicate_of_id=first.id if first else None,
        state=RecordingState.DUPLICATE if first else RecordingState.RECEIVED,
        file_name=file.name, sha256=file.sha256, size_bytes=file.size_bytes,
        storage_key=recording_key(project.id, file.sha256),
        client_draft={"text": facts.transcript} if facts.transcript else None,
        dialect=facts.dialect, country=facts.country, state_or_province=facts.state_or_province,
        district=facts.district, device=facts.device, environment=facts.environment,
        client_reference=facts.client_reference, priority=facts.priority or DEFAULT_PRIORITY, due_at=facts.due_at,
    )  # fmt: skip
    session.add(recording)
    session.flush()
    return Arrival(recording, is_new=True)


def sent_before(session: Session, project_id: UUID, file: File, facts: Facts) -> Recording | None:
    """The recording that this very file is already.

    Raises:
        Conflict: the client's reference belongs to another recording.
    """
    here = Recording.project_id == project_id
    if facts.client_reference is None:
        same = select(Recording).where(
            here,
            Recording.sha256 == file.sha256,
            Recording.file_name == file.name,
            Recording.client_reference.is_(None),
        )
        return session.scalars(same.order_by(Recording.created_at, Recording.id).limit(1)).one_or_none()
    named = session.scalars(select(Recording).where(here, Recording.client_reference == facts.client_reference))
    recording = named.one_or_none()
    if recording is not None and recording.sha256 != file.sha256:
        raise Conflict(
            f"client_reference {facts.client_reference!r} belongs to recording {recording.id}, a file with other "
            "bytes; expected a reference that is not used yet"
        )
    return recording


def holder(session: Session, project_id: UUID, sha256: str) -> Recording | None:
    """The first recording of a project with these bytes, to which others are linked."""
    return session.scalars(
        select(Recording)
        .where(
            Recording.project_id == project_id, Recording.sha256 == sha256, Recording.duplicate_of_id.is_(None)
        )
        .order_by(Recording.created_at, Recording.id)
        .limit(1)
    ).one_or_none()  # fmt: skip


def _speaker_id(session: Session, project_id: UUID, facts: Facts) -> UUID | None:
    """The speaker of that pseudonym, made where there is none; what was unknown of them is filled in, nothing else."""
    if facts.speaker is None:
        return None
    speaker = session.scalars(
        select(Speaker).where(Speaker.project_id == project_id, Speaker.pseudonym == facts.speaker)
    ).one_or_none()
    if speaker is None:
        speaker = Speaker(project_id=project_id, pseudonym=facts.speaker)
        session.add(speaker)
    for column in SPEAKER_COLUMNS:
        if getattr(speaker, column) is None:
            setattr(speaker, column, getattr(facts, column))
    session.flush()
    return speaker.id
