"""Resumable uploads for any client that speaks tus 1.0.0: browsers, telephones, `boli submit`.

Source: https://tus.io/protocols/resumable-upload. Bodies are streamed: these routes read no body into memory and repeat
no answers by Idempotency-Key, for the protocol is safe to repeat by itself.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.api.problems import documented
from app.api.rooms import in_upload_thread
from app.api.routing import PREFIX
from app.db import transaction
from app.deps import found, runtime_of
from app.errors import Invalid
from app.uploads import headers as tus
from app.uploads import service
from app.uploads.receiving import Received, receive
from app.uploads.reception import Reception
from app.uploads.stretch import Stretch
from models.project import Project
from models.recording import Recording
from models.upload import Upload, UploadState

UNLIMITED = 1 << 60
"""Bodies of this router are bounded by what was announced, and that by the limits of `admission`."""
router = APIRouter(tags=["uploads"])
RECORDING_HEADER = "Boli-Recording"
STATE_HEADER = "Boli-Recording-State"
DUPLICATE_HEADER = "Boli-Duplicate-Of"


def reception_of(request: Request) -> Reception:
    """Where the files of a request come in."""
    runtime = runtime_of(request)
    return Reception(runtime.sessions, runtime.store, runtime.settings)


ReceptionDep = Annotated[Reception, Depends(reception_of)]


@router.options("/projects/{project_id}/uploads", status_code=204, operation_id="tus_options")
@router.options("/tus/{upload_id}", status_code=204, operation_id="tus_upload_options")
def options(reception: ReceptionDep) -> Response:
    """What of tus the service knows."""
    known = {
        "Tus-Version": tus.VERSION, "Tus-Extension": tus.EXTENSIONS, "Tus-Checksum-Algorithm": tus.ALGORITHMS,
        "Tus-Max-Size": str(reception.settings.max_file_bytes),
    }  # fmt: skip
    return _answer(204, **known)


@router.post(
    "/projects/{project_id}/uploads", status_code=201, operation_id="tus_create", max_body_size=UNLIMITED,
    responses=documented(404, 412, 413, 415, 422, 429, 460, 507),
)  # fmt: skip
async def create(project_id: UUID, request: Request, reception: ReceptionDep) -> Response:
    """Begin an upload: Upload-Length, and in Upload-Metadata the filename, sha256 and columns of a manifest.

    A body of bytes is the beginning of the file, or all of it.
    """
    tus.require_version(request.headers)
    if "upload-defer-length" in request.headers:
        raise Invalid("Upload-Defer-Length is not possible; expected Upload-Length")
    checksum = tus.checksum(request.headers)
    has_bytes = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if has_bytes:
        tus.require_bytes(request.headers)
    upload = await in_upload_thread(_create, reception, project_id, request)
    received = Received(0, None)
    if has_bytes or upload.size_bytes == 0:
        begin = partial(
            Stretch.begin, reception, upload.id, offset_bytes=0, n_bytes=_n_bytes(request), checksum=checksum
        )
        received = await receive(begin, request.stream())
    answer = _received(reception, received, 201)
    answer.headers["Location"] = address_of(upload)
    return answer


def _create(reception: Reception, project_id: UUID, request: Request) -> Upload:
    size_bytes, metadata = tus.number(request.headers, "Upload-Length"), tus.metadata(request.headers)
    with transaction(reception.sessions) as session:
        project = found(session, Project, project_id)
        return service.begin(reception, session, project, size_bytes=size_bytes, metadata=metadata)


@router.head("/tus/{upload_id}", operation_id="tus_offset", responses=documented(404, 410, 412))
def offset(upload_id: UUID, request: Request, reception: ReceptionDep) -> Response:
    """Tell how much of an upload is safe."""
    tus.require_version(request.headers)
    upload = reception.upload(upload_id)
    service.finish_if_possible(reception, upload)
    upload = reception.upload(upload_id)
    answer = _answer(
        200, **{"Upload-Offset": str(reception.safe_bytes(upload)), "Upload-Length": str(upload.size_bytes)}
    )
    if upload.state is UploadState.OPEN:
        answer.headers["Upload-Expires"] = tus.expires(upload.expires_at)
    _tell_recording(answer, service.recording_of(reception, upload))
    return answer


@router.patch(
    "/tus/{upload_id}", status_code=204, operation_id="tus_send", max_body_size=UNLIMITED,
    responses=documented(404, 409, 410, 412, 413, 415, 422, 423, 460, 507),
)  # fmt: skip
async def send(upload_id: UUID, request: Request, reception: ReceptionDep) -> Response:
    """Send bytes that follow on those that are safe."""
    tus.require_version(request.headers)
    tus.require_bytes(request.headers)
    begin = partial(
        Stretch.begin, reception, upload_id, offset_bytes=tus.number(request.headers, "Upload-Offset"),
        n_bytes=_n_bytes(request), checksum=tus.checksum(request.headers),
    )  # fmt: skip
    return _received(reception, await receive(begin, request.stream()), 204)


@router.delete(
    "/tus/{upload_id}", status_code=204, operation_id="tus_terminate", responses=documented(404, 410, 412, 423)
)
def terminate(upload_id: UUID, request: Request, reception: ReceptionDep) -> Response:
    """Give up an upload."""
    tus.require_version(request.headers)
    service.terminate(reception, upload_id)
    return _answer(204)


@router.post("/tus/{upload_id}", operation_id="tus_override", max_body_size=UNLIMITED, include_in_schema=False)
async def override(upload_id: UUID, request: Request, reception: ReceptionDep) -> Response:
    """PATCH and DELETE for clients that cannot send them."""
    match request.headers.get("x-http-method-override", "").upper():
        case "PATCH":
            return await send(upload_id, request, reception)
        case "DELETE":
            return await in_upload_thread(terminate, upload_id, request, reception)
        case other:
            raise Invalid(f"X-HTTP-Method-Override is {other!r:.80}, expected PATCH or DELETE")


def address_of(upload: Upload) -> str:
    """Where an upload goes on."""
    return f"{PREFIX}/tus/{upload.id}"


def _n_bytes(request: Request) -> int | None:
    return tus.number(request.headers, "Content-Length") if "content-length" in request.headers else None


def _received(reception: Reception, received: Received, status: int) -> Response:
    answer = _answer(status, **{"Upload-Offset": str(received.offset_bytes)})
    if received.arrival is None:
        answer.headers["Upload-Expires"] = tus.expires(reception.expiry())
    else:
        _tell_recording(answer, received.arrival.recording)
    return answer


def _tell_recording(answer: Response, recording: Recording | None) -> None:
    if recording is None:
        return
    answer.headers[RECORDING_HEADER] = str(recording.id)
    answer.headers[STATE_HEADER] = recording.state
    if recording.duplicate_of_id is not None:
        answer.headers[DUPLICATE_HEADER] = str(recording.duplicate_of_id)


def _answer(status: int, **headers: str) -> Response:
    return Response(status_code=status, headers={"Tus-Resumable": tus.VERSION, "Cache-Control": "no-store", **headers})
