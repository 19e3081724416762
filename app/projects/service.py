"""Making and editing projects."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.api.cursors import PageQuery, behind, split
from app.api.edits import flush_unique
from app.drafting.naming import require_known
from app.drafting.requests import request_drafts
from app.errors import Conflict, FieldFault, Invalid
from app.projects.queries import dialects_of, with_dialects
from app.projects.schemas import (
    ProjectCreate,
    ProjectDialectBody,
    ProjectEdit,
    ProjectModelCreate,
    ProjectModelRead,
    ProjectRead,
)  # fmt: skip
from app.settings import Settings
from models.base import now
from models.organisation import Organisation
from models.project import Project, ProjectDialect, ProjectModel
from models.recording import Recording


def list_projects(
    session: Session, page: PageQuery, *, organisation_id: UUID | None = None
) -> tuple[list[ProjectRead], str | None]:
    """A page of projects in the order of making, of one organisation or of all."""
    query = select(Project)
    if organisation_id is not None:
        query = query.where(Project.organisation_id == organisation_id)
    rows, next_cursor = split(session.scalars(behind(query, Project, page)).all(), page)
    return with_dialects(session, rows), next_cursor


def read_project(session: Session, project: Project) -> ProjectRead:
    """A project with its dialects."""
    return with_dialects(session, [project])[0]


def create_project(session: Session, body: ProjectCreate) -> ProjectRead:
    """A new project.

    Raises:
        Invalid: there is no such organisation.
        Conflict: the organisation has a project of that name.
    """
    if session.get(Organisation, body.organisation_id) is None:
        fault = FieldFault("organisation_id", str(body.organisation_id), "the id of an organisation")
        raise Invalid(f"there is no organisation {fault.value!r}", fault)
    project = Project(**body.model_dump(exclude={"dialects"}))
    session.add(project)
    flush_unique(session, f"the organisation has a project {body.name!r} already")
    session.add_all(_rows(project, body.dialects))
    session.flush()
    return read_project(session, project)


def edit_project(session: Session, project: Project, body: ProjectEdit) -> ProjectRead:
    """Change a project.

    Raises:
        Conflict: the organisation has a project of that name, or a dialect that is left out has recordings.
    """
    for field in body.model_fields_set - {"dialects"}:
        setattr(project, field, getattr(body, field))
    if "dialects" in body.model_fields_set:
        _replace_dialects(session, project, body.dialects)
        project.updated_at = now()  # a new version, though no column of its own changed
    flush_unique(session, f"the organisation has a project {body.name!r} already")
    return read_project(session, project)


def draft_with(session: Session, project: Project, body: ProjectModelCreate, *, settings: Settings) -> ProjectModelRead:
    """Have another model draft a project's recordings beside its own. Asking twice is harmless.

    Raises:
        Invalid: there is no such model.
        Conflict: it is the project's own, or the project has nothing drafted.
    """
    require_known(session, body.model, settings)
    if body.model == project.model:
        raise Conflict(f"the project is drafted by {body.model!r} already; expected another model")
    dialects = dialects_of(session, [project.id]).get(project.id, [])
    if not project.is_drafted and not any(each.is_drafted for each in dialects):
        raise Conflict("drafting is off for the project and all of its dialects; turn it on first")
    request_drafts(session, project, body.model)
    return ProjectModelRead.model_validate(session.get_one(ProjectModel, (project.id, body.model)))


def _replace_dialects(session: Session, project: Project, dialects: Sequence[ProjectDialectBody]) -> None:
    present = dialects_of(session, [project.id]).get(project.id, [])
    dropped = {row.dialect for row in present} - {each.dialect for each in dialects}
    _require_unused(session, project, dropped)
    for row in present:
        session.delete(row)
    session.flush()
    session.add_all(_rows(project, dialects))


def _require_unused(session: Session, project: Project, dialects: set[str]) -> None:
    used = session.execute(
        select(Recording.dialect, func.count())
        .where(Recording.project_id == project.id, Recording.dialect.in_(dialects))
        .group_by(Recording.dialect)
    ).all()
    if used:
        counts = ", ".join(f"{dialect} ({n})" for dialect, n in used)
        raise Conflict(f"the project has recordings in dialects that are left out: {counts}; correct those first")


def _rows(project: Project, dialects: Sequence[ProjectDialectBody]) -> list[ProjectDialect]:
    return [ProjectDialect(project_id=project.id, **each.model_dump()) for each in dialects]
