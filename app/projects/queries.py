"""Projects with their dialects, in two statements however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.projects.schemas import ProjectDialectRead, ProjectRead
from models.project import Project, ProjectDialect


def with_dialects(session: Session, projects: Sequence[Project]) -> list[ProjectRead]:
    """Projects as they are shown, in the same order."""
    dialects = dialects_of(session, [project.id for project in projects])
    return [_read(project, dialects.get(project.id, [])) for project in projects]


def every_project(session: Session) -> list[ProjectRead]:
    """All projects, the oldest first."""
    return with_dialects(session, session.scalars(select(Project).order_by(Project.created_at, Project.id)).all())


def dialects_of(session: Session, project_ids: Sequence[UUID]) -> dict[UUID, list[ProjectDialect]]:
    """The dialects of projects, by tag."""
    query = select(ProjectDialect).where(ProjectDialect.project_id.in_(project_ids)).order_by(ProjectDialect.dialect)
    grouped = defaultdict(list)
    for row in session.scalars(query):
        grouped[row.project_id].append(row)
    return dict(grouped)


def _read(project: Project, dialects: Sequence[ProjectDialect]) -> ProjectRead:
    own = {name: getattr(project, name) for name in ProjectRead.model_fields if name != "dialects"}
    return ProjectRead(**own, dialects=[ProjectDialectRead.model_validate(each) for each in dialects])
