"""`/recordings/{id}/segments`, `/segments` and `/projects/{id}/drafts.jsonl`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse

from app.api.cursors import Page
from app.api.problems import documented
from app.api.routing import feature_router
from app.deps import ProjectPath, RecordingPath, RuntimeDep, SegmentPath, SessionDep
from app.drafts import queries
from app.drafts.exporting import export_lines
from app.drafts.schemas import DraftRead, ExportLine, SegmentDetail, SegmentRead, SegmentsQuery

router = feature_router(tags=["drafts"])
_MEDIA_TYPE = "application/jsonl"


@router.get(
    "/recordings/{recording_id}/segments", response_model=Page[SegmentRead], responses=documented(404, 422),
    operation_id="list_segments",
)  # fmt: skip
def list_segments(
    recording: RecordingPath, wanted: Annotated[SegmentsQuery, Query()], session: SessionDep
) -> dict[str, object]:
    """List the segments that stand in a recording, by their start, each with its drafts."""
    items, next_cursor = queries.list_segments(session, recording.id, wanted)
    return {"items": items, "next_cursor": next_cursor}


@router.get(
    "/segments/{segment_id}", response_model=SegmentDetail, responses=documented(404, 422), operation_id="read_segment"
)
def read_segment(segment: SegmentPath, session: SessionDep) -> SegmentDetail:
    """Read a segment, its drafts, what it replaced and what replaced it."""
    return queries.detail(session, segment)


@router.get(
    "/segments/{segment_id}/drafts", response_model=list[DraftRead], responses=documented(404, 422),
    operation_id="list_drafts",
)  # fmt: skip
def list_drafts(segment: SegmentPath, session: SessionDep) -> list[DraftRead]:
    """List what machines and the client wrote for a segment, the oldest first."""
    return queries.drafts_of(session, [segment.id]).get(segment.id, [])


@router.get(
    "/projects/{project_id}/drafts.jsonl", response_class=StreamingResponse, operation_id="export_drafts",
    responses=documented(404, 422) | {200: {
        "description": "One `ExportLine` a line.", "content": {_MEDIA_TYPE: {"schema": ExportLine.model_json_schema()}},
    }},
)  # fmt: skip
def export_drafts(project: ProjectPath, runtime: RuntimeDep) -> StreamingResponse:
    """Download the segments of a project with all their drafts, one JSON object a line."""
    name = f"drafts-{project.id}.jsonl"
    return StreamingResponse(
        export_lines(runtime.sessions, project.id), media_type=_MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip
