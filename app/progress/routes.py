"""`/projects/{id}/progress`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import Request
from sse_starlette import EventSourceResponse

from app.api.problems import documented
from app.api.routing import feature_router
from app.deps import ProjectPath, SessionDep
from app.progress import queries
from app.progress.feed import ProgressFeed
from app.progress.schemas import ProjectProgress

router = feature_router(tags=["progress"])
HEARTBEAT_S = 15


@router.get(
    "/projects/{project_id}/progress", response_model=ProjectProgress, responses=documented(404, 422),
    operation_id="read_progress",
)  # fmt: skip
def read_progress(project: ProjectPath, session: SessionDep) -> ProjectProgress:
    """Read how far a project has come."""
    return queries.progress(session, project.id)


@router.get(
    "/projects/{project_id}/progress/events", response_class=EventSourceResponse, operation_id="follow_progress",
    responses=documented(404, 422, 503) | {200: {
        "description": "Events named `progress`, each with a `ProjectProgress`; a comment now and then keeps the line.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }},
)  # fmt: skip
def follow_progress(project: ProjectPath, request: Request) -> EventSourceResponse:
    """Follow how far a project has come: the state as it is, then each change."""
    feed: ProgressFeed = request.app.state.progress
    feed.require_room()
    return EventSourceResponse(_events(feed, project.id), ping=HEARTBEAT_S)


async def _events(feed: ProgressFeed, project_id: UUID) -> AsyncIterator[dict[str, str]]:
    async for content in feed.changes(project_id):
        yield {"event": "progress", "data": content}
