"""`/segments/{id}/audio`, `/tasks/{id}/audio`, and the clips themselves at `/audio/{segment id}`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from app.api.problems import documented
from app.api.routing import PREFIX, feature_router
from app.clips import service
from app.clips.files import ClipKind
from app.clips.ranges import ranged
from app.clips.schemas import ClipRead, ClipsRead
from app.clips.service import ClipLinks
from app.deps import Principal, RuntimeDep, SegmentPath, SessionDep, TaskPath
from app.jobs.engine import enqueue
from app.segments.queries import segments_of_task
from app.signing import Signer, open_signer
from models.segment import Segment

router = feature_router(tags=["audio"])
ASK_AGAIN_S = 2


def _signer(runtime: RuntimeDep) -> Signer:
    return open_signer(runtime.settings.data_folder)


SignerDep = Annotated[Signer, Depends(_signer)]
Expires = Annotated[int, Query(ge=0, le=1 << 40, description="Seconds since 1970.")]
Signature = Annotated[str, Query(max_length=200)]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"audio/ogg": {}, "application/octet-stream": {}}},
    206: {"description": "The part that was asked for"},
    304: {"description": "Known already"},
    416: {"description": "No such part"},
}


class _Linking:
    """Makes addresses for whoever asks, and says 202 while some are still to come."""

    def __init__(self, runtime: RuntimeDep, signer: SignerDep, principal: Principal, response: Response) -> None:
        self._runtime, self._signer, self._principal, self._response = runtime, signer, principal, response

    def links(self, segments: Sequence[Segment]) -> list[ClipLinks]:
        found = service.links(
            self._runtime, segments, principal=self._principal, signer=self._signer, enqueue=enqueue,
            base=f"{PREFIX}/audio",
        )  # fmt: skip
        if any(clip.audio_url is None for clip in found):
            self._response.status_code = 202
            self._response.headers["Retry-After"] = str(ASK_AGAIN_S)
        self._response.headers["Cache-Control"] = "no-store"
        return found


Linking = Annotated[_Linking, Depends()]
_MAKING: dict[int | str, dict[str, Any]] = {
    202: {"description": "Some clips are still being made: ask again after `Retry-After` seconds"}
}


@router.get(
    "/segments/{segment_id}/audio", response_model=ClipRead, responses=_MAKING | documented(404),
    operation_id="read_segment_audio",
)  # fmt: skip
def read_segment_audio(segment: SegmentPath, linking: Linking) -> ClipLinks:
    """Where to hear a segment."""
    (links,) = linking.links([segment])
    return links


@router.get(
    "/tasks/{task_id}/audio", response_model=ClipsRead, responses=_MAKING | documented(404),
    operation_id="read_task_audio",
)  # fmt: skip
def read_task_audio(task: TaskPath, session: SessionDep, linking: Linking) -> dict[str, list[ClipLinks]]:
    """Where to hear all segments of a task, to fetch them ahead of the work."""
    return {"clips": linking.links(segments_of_task(session, task.id))}


@router.get(
    "/audio/{segment_id}", response_class=Response, responses=_FILE | documented(404), operation_id="fetch_audio"
)  # fmt: skip
def fetch_audio(
    segment_id: UUID, expires: Expires, signature: Signature,
    request: Request, runtime: RuntimeDep, signer: SignerDep, principal: Principal,
) -> Response:  # fmt: skip
    """The sound of a segment, at the address that was given for it."""
    signer.check(service.resource(segment_id, ClipKind.OPUS), expires=expires, principal=principal, signature=signature)
    return _file(service.clip_bytes(runtime, segment_id, ClipKind.OPUS), ClipKind.OPUS, request, expires)


@router.get(
    "/audio/{segment_id}/peaks", response_class=Response, responses=_FILE | documented(404), operation_id="fetch_peaks"
)  # fmt: skip
def fetch_peaks(
    segment_id: UUID, expires: Expires, signature: Signature,
    request: Request, runtime: RuntimeDep, signer: SignerDep, principal: Principal,
) -> Response:  # fmt: skip
    """The peaks of a segment, at the address that was given for them."""
    signer.check(
        service.resource(segment_id, ClipKind.PEAKS), expires=expires, principal=principal, signature=signature
    )
    return _file(service.clip_bytes(runtime, segment_id, ClipKind.PEAKS), ClipKind.PEAKS, request, expires)


def _file(content: bytes, kind: ClipKind, request: Request, expires: int) -> Response:
    return ranged(
        content, content_type=kind.content_type, headers=request.headers, max_age_s=max(0, expires - int(time.time()))
    )  # fmt: skip
