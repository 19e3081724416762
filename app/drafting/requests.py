"""Asking for drafts; nothing here loads a model, so the web process may."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import insert_missing
from app.drafting.queries import models_of
from app.jobs.errands import Enqueue, ask, drafting, enqueue_job, tasking
from app.jobs.queues import USUAL_PRIORITY
from models.project import Project, ProjectModel
from models.recording import Recording, RecordingState


def request_drafts(session: Session, project: Project, model: str, *, enqueue: Enqueue = enqueue_job) -> None:
    """Have a project's recordings, those there and those to come, drafted by another model beside its own.

    Drafts that are there stay. Asking twice is harmless.
    """
    insert_missing(session, ProjectModel, [{"project_id": project.id, "model": model}])
    ask(session, drafting(model), enqueue=enqueue)


def follow_choices(session: Session, project: Project, *, enqueue: Enqueue = enqueue_job) -> None:
    """Go on with the recordings that wait after a project's model, or what it wants drafted, was changed.

    Without it a sweep does so within some minutes. Recordings that went to people blank are not called back.
    """
    session.flush()
    query = select(Recording.dialect).where(
        Recording.project_id == project.id, Recording.state == RecordingState.SEGMENTED
    )
    dialects = session.scalars(query.distinct()).all()
    if dialects:
        ask_for_drafts(session, project, priority=USUAL_PRIORITY, enqueue=enqueue)
    for errand in sorted((tasking(project.id, dialect) for dialect in dialects), key=lambda errand: errand.name):
        ask(session, errand, enqueue=enqueue)


def ask_for_drafts(session: Session, project: Project, *, priority: int, enqueue: Enqueue) -> None:
    """See to it that each model of a project will look for segments to draft."""
    for model in sorted(models_of(session, project)):  # always in this order: two who ask at once must not lock up
        ask(session, drafting(model), priority=priority, enqueue=enqueue)
