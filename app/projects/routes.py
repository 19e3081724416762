"""`/projects`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from app.api.cursors import Page, PageQuery
from app.api.etags import require_version
from app.api.problems import documented
from app.api.routing import feature_router
from app.deps import IfMatch, ProjectPath, RuntimeDep, SessionDep
from app.projects import service
from app.projects.schemas import ProjectCreate, ProjectEdit, ProjectModelCreate, ProjectModelRead, ProjectRead

router = feature_router(prefix="/projects", tags=["projects"])


class ProjectsQuery(PageQuery):
    """Which projects."""

    organisation_id: UUID | None = None


@router.get("", response_model=Page[ProjectRead], responses=documented(422), operation_id="list_projects")
def list_projects(query: Annotated[ProjectsQuery, Query()], session: SessionDep) -> dict[str, object]:
    """List projects, the oldest first."""
    items, next_cursor = service.list_projects(session, query, organisation_id=query.organisation_id)
    return {"items": items, "next_cursor": next_cursor}


@router.post(
    "", status_code=201, response_model=ProjectRead, responses=documented(409, 413, 422), operation_id="create_project"
)
def create_project(body: ProjectCreate, session: SessionDep) -> ProjectRead:
    """Make a project of an organisation."""
    return service.create_project(session, body)


@router.get("/{project_id}", response_model=ProjectRead, responses=documented(404, 422), operation_id="read_project")
def read_project(project: ProjectPath, session: SessionDep) -> ProjectRead:
    """Read a project and its dialects."""
    return service.read_project(session, project)


@router.patch(
    "/{project_id}", response_model=ProjectRead, responses=documented(404, 409, 412, 413, 422, 428),
    operation_id="edit_project",
)  # fmt: skip
def edit_project(project: ProjectPath, body: ProjectEdit, session: SessionDep, if_match: IfMatch = None) -> ProjectRead:
    """Change a project: its deadline, its dialects, whether a machine drafts."""
    require_version(if_match, version=project.version, what="the project")
    return service.edit_project(session, project, body)


@router.post(
    "/{project_id}/models", status_code=201, response_model=ProjectModelRead, responses=documented(404, 409, 413, 422),
    operation_id="draft_with",
)  # fmt: skip
def draft_with(
    project: ProjectPath, body: ProjectModelCreate, session: SessionDep, runtime: RuntimeDep
) -> ProjectModelRead:
    """Have another model draft the project's recordings too, those there and those to come. Drafts there stay."""
    return service.draft_with(session, project, body, settings=runtime.settings)
