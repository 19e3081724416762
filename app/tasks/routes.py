"""`/projects/{id}/tasks` and `/tasks`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from app.api.cursors import Page
from app.api.problems import documented
from app.api.routing import feature_router
from app.deps import ProjectPath, SessionDep, TaskPath
from app.tasks import queries
from app.tasks.schemas import TaskDetail, TaskRead, TasksQuery

router = feature_router(tags=["tasks"])


@router.get(
    "/projects/{project_id}/tasks", response_model=Page[TaskRead], responses=documented(404, 422),
    operation_id="list_tasks",
)  # fmt: skip
def list_tasks(project: ProjectPath, wanted: Annotated[TasksQuery, Query()], session: SessionDep) -> dict[str, object]:
    """List the tasks of a project, the oldest first."""
    items, next_cursor = queries.list_tasks(session, project.id, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.get("/tasks/{task_id}", response_model=TaskDetail, responses=documented(404, 422), operation_id="read_task")
def read_task(task: TaskPath, session: SessionDep) -> TaskDetail:
    """Read a task with its segments in order and their drafts."""
    return queries.detail(session, task)
