"""What routes are given: the session, who asks, and the things that a path names, loaded and authorised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Header, Request
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.db import open_engine, reading, sessions, transaction
from app.errors import NotFound
from app.settings import Settings
from app.storage import Store
from models.base import Base
from models.organisation import Organisation
from models.project import Project
from models.recording import Recording
from models.segment import Segment
from models.task import Task

Row = TypeVar("Row", bound=Base)
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a process of the service holds for its whole life."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    store: Store


def open_runtime(settings: Settings, store: Store) -> Runtime:
    """The database of the settings, beside a store."""
    engine = open_engine(settings.database_url)
    return Runtime(settings, engine, sessions(engine), store)


def runtime_of(request: Request) -> Runtime:
    """The runtime of the application that a request came to."""
    runtime = request.app.state.boli
    assert isinstance(runtime, Runtime)
    return runtime


def principal_of(request: Request) -> str:  # noqa: ARG001 - accounts will read the request
    """Who asks: until there are accounts, the operator of the machine."""
    return OPERATOR


def get_session(request: Request) -> Iterator[Session]:
    """One session a request, committed before the answer goes out. Reads take no write lock."""
    joined: Session | None = getattr(request.state, "session", None)
    if joined is not None:
        yield joined
        return
    begun = reading if request.method in ("GET", "HEAD") else transaction
    with begun(runtime_of(request).sessions) as session:
        yield session


RuntimeDep = Annotated[Runtime, Depends(runtime_of)]
SessionDep = Annotated[Session, Depends(get_session, scope="function")]
current_principal = principal_of
Principal = Annotated[str, Depends(current_principal)]
IfMatch = Annotated[str | None, Header(description="ETag of the version that is edited, as it was read.")]


def found(session: Session, table: type[Row], key: UUID) -> Row:
    """The row with this key.

    Raises:
        NotFound: there is none, or it is not for whoever asks.
    """
    row = session.get(table, key)
    if row is None:
        raise NotFound(f"there is no {table.__name__.lower()} {str(key)!r}")
    return row


def _organisation(organisation_id: UUID, session: SessionDep) -> Organisation:
    return found(session, Organisation, organisation_id)


def _project(project_id: UUID, session: SessionDep) -> Project:
    return found(session, Project, project_id)


def _recording(recording_id: UUID, session: SessionDep) -> Recording:
    return found(session, Recording, recording_id)


def _segment(segment_id: UUID, session: SessionDep) -> Segment:
    return found(session, Segment, segment_id)


def _task(task_id: UUID, session: SessionDep) -> Task:
    return found(session, Task, task_id)


OrganisationPath = Annotated[Organisation, Depends(_organisation)]
ProjectPath = Annotated[Project, Depends(_project)]
RecordingPath = Annotated[Recording, Depends(_recording)]
SegmentPath = Annotated[Segment, Depends(_segment)]
TaskPath = Annotated[Task, Depends(_task)]
