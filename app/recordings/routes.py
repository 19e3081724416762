"""`/projects/{id}/recordings` and `/recordings`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from app.api.cursors import Page
from app.api.problems import documented
from app.api.routing import feature_router
from app.deps import IfMatch, Principal, ProjectPath, RecordingPath, SessionDep
from app.recordings import queries, service
from app.recordings.schemas import RecordingDetail, RecordingEdit, RecordingRead, RecordingsQuery

router = feature_router(tags=["recordings"])


@router.get(
    "/projects/{project_id}/recordings", response_model=Page[RecordingRead], responses=documented(404, 422),
    operation_id="list_recordings",
)  # fmt: skip
def list_recordings(
    project: ProjectPath, wanted: Annotated[RecordingsQuery, Query()], session: SessionDep
) -> dict[str, object]:
    """List the recordings of a project, the oldest first."""
    items, next_cursor = service.list_recordings(session, project.id, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.get(
    "/recordings/{recording_id}", response_model=RecordingDetail, responses=documented(404, 422),
    operation_id="read_recording",
)  # fmt: skip
def read_recording(recording: RecordingPath, session: SessionDep) -> RecordingDetail:
    """Read a recording: what is known of it and how far it has come."""
    return queries.detail(session, recording)


@router.patch(
    "/recordings/{recording_id}", response_model=RecordingDetail,
    responses=documented(404, 409, 412, 413, 422, 428), operation_id="edit_recording",
)  # fmt: skip
def edit_recording(
    recording: RecordingPath, body: RecordingEdit, session: SessionDep, principal: Principal, if_match: IfMatch = None
) -> RecordingDetail:
    """Correct what is known of a recording: its dialect, place, speaker, priority."""
    return service.edit_recording(session, recording, body, author=principal, if_match=if_match)
