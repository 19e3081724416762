"""Asking for drafts; nothing here loads a model, so the web process may."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.db import insert_missing
from app.drafting.queries import models_of
from app.jobs.errands import Enqueue, ask, drafting, enqueue_job
from models.project import Project, ProjectModel


def request_drafts(session: Session, project: Project, model: str, *, enqueue: Enqueue = enqueue_job) -> None:
    """Have a project's recordings, those there and those to come, drafted by another model beside its own.

    Drafts that are there stay. Asking twice is harmless.
    """
    insert_missing(session, ProjectModel, [{"project_id": project.id, "model": model}])
    ask(session, drafting(model), enqueue=enqueue)


def ask_for_drafts(session: Session, project: Project, *, priority: int, enqueue: Enqueue) -> None:
    """See to it that each model of a project will look for segments to draft."""
    for model in sorted(models_of(session, project)):  # always in this order: two who ask at once must not lock up
        ask(session, drafting(model), priority=priority, enqueue=enqueue)
