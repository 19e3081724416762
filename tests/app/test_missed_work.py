"""Work that no job waits for, whatever became of it, is asked for again by a sweep."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session, sessionmaker

from app.jobs.draft import sweep_segmented
from app.jobs.errands import ask, drafting
from app.jobs.ingest import sweep_received
from app.jobs.inspection import Jobs
from app.jobs.tasks import sweep_drafted
from models.base import now
from models.errand import Errand
from models.project import ProjectDialect
from models.recording import Recording, RecordingState
from tests.factories import add_project, add_recording, add_segment
from tests.flow import Flow


@pytest.fixture
def flow(session_maker: sessionmaker[Session], tmp_path: Path) -> Flow:
    return Flow(session_maker, tmp_path)


def forgotten(session: Session, *, state: RecordingState, dialect: str = "hi-IN", model: str = "a model") -> UUID:
    """A recording that has not moved for an hour."""
    project = add_project(session, model=model)
    recording = add_recording(session, project_id=project.id, state=state, dialect=dialect)
    session.flush()
    if state is not RecordingState.RECEIVED:
        add_segment(session, recording.id)
    session.execute(
        update(Recording).where(Recording.id == recording.id).values(updated_at=now() - timedelta(hours=1))
    )  # fmt: skip
    return recording.id


def sweep(flow: Flow) -> None:
    for each in (sweep_received, sweep_segmented, sweep_drafted):
        each(flow.context)


def keys(engine: Engine) -> list[str]:
    return sorted(job.key for job in Jobs(engine).list())


def test_what_has_not_moved_for_long_is_asked_for_once(flow: Flow, database_engine: Engine) -> None:
    with flow.sessions.begin() as session:
        received = forgotten(session, state=RecordingState.RECEIVED)
        forgotten(session, state=RecordingState.SEGMENTED)
        drafted = forgotten(session, state=RecordingState.DRAFTED)
        project_id = session.get_one(Recording, drafted).project_id
    sweep(flow)
    sweep(flow)
    assert keys(database_engine) == ["draft a model 1", f"ingest:{received}:1", f"tasks {project_id} hi-IN 1"]


def test_what_moved_lately_is_left_alone(flow: Flow, database_engine: Engine) -> None:
    with flow.sessions.begin() as session:
        for state in (RecordingState.RECEIVED, RecordingState.SEGMENTED, RecordingState.DRAFTED, RecordingState.READY):
            add_recording(session, state=state)
    sweep(flow)
    assert keys(database_engine) == []


def test_where_drafting_was_switched_off_tasks_are_asked_for(flow: Flow, database_engine: Engine) -> None:
    with flow.sessions.begin() as session:
        recording_id = forgotten(session, state=RecordingState.SEGMENTED)
        project_id = session.get_one(Recording, recording_id).project_id
        session.add(ProjectDialect(project_id=project_id, dialect="hi-IN", is_drafted=False))
    sweep(flow)
    assert keys(database_engine) == [f"tasks {project_id} hi-IN 1"]


def test_a_job_that_never_began_is_followed_by_another(flow: Flow, database_engine: Engine) -> None:
    errand = drafting("/models/a name with spaces")
    for _ in range(2):
        with flow.sessions.begin() as session:
            ask(session, errand, enqueue=flow.enqueue)
    sweep(flow)
    assert len(flow.waiting) == 1
    assert keys(database_engine) == []
    with flow.sessions.begin() as session:
        session.execute(update(Errand).values(asked_at=now() - timedelta(minutes=6)))
    sweep(flow)
    assert keys(database_engine) == ["draft /models/a name with spaces 2"]
    (job,) = Jobs(database_engine).list()
    assert job.ids == ("/models/a name with spaces", "2")
