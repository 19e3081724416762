"""`/projects/ID/claims`, `/uploads`, `/manifest-checks`, and forms to `/recordings`; tus itself is in `tus`."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request
from sqlalchemy import select

from app.api.cursors import Page, PageParameters, behind, split
from app.api.problems import documented
from app.api.routing import feature_router
from app.deps import ProjectPath, SessionDep
from app.errors import AppError
from app.manifests.checking import check_manifest
from app.manifests.facts import COLUMNS
from app.uploads import service
from app.uploads.intake import open_intake
from app.uploads.judging import misfits
from app.uploads.registration import register
from app.uploads.schemas import (
    ArrivedRecording,
    ClaimRead,
    ClaimsCreate,
    ClaimsRead,
    FileClaim,
    ManifestCheckRead,
    ManifestFault,
    ObjectRegistration,
    Refusal,
    RegistrationRead,
    RegistrationsCreate,
    RegistrationsRead,
    UploadRead,
)  # fmt: skip
from app.uploads.small import receive_form
from app.uploads.tus import UNLIMITED, ReceptionDep, address_of
from models.upload import Upload

MOST_CLAIM_BYTES = 20_000_000
MOST_MANIFEST_BYTES = 64_000_000
MOST_FAULTS_TOLD = 200
router = feature_router(tags=["uploads"])
form_router = APIRouter(tags=["uploads"])
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "sha256": {"type": "string"},
                        **{column: {"type": "string"} for column in COLUMNS},
                    },
                }
            }
        },
    }
}


@router.post(
    "/projects/{project_id}/claims", response_model=ClaimsRead, responses=documented(404, 413, 422),
    operation_id="claim_files", max_body_size=MOST_CLAIM_BYTES,
)  # fmt: skip
def claim_files(
    project: ProjectPath, body: ClaimsCreate, session: SessionDep, reception: ReceptionDep
) -> dict[str, object]:
    """Say which files the client has: those that the project holds are recordings at once, the others get an upload.

    May be asked again at any time: an upload that was begun is found again by hash, name and facts.
    """
    return {"files": [_claimed(project, file, session, reception) for file in body.files]}


def _claimed(project: ProjectPath, file: FileClaim, session: SessionDep, reception: ReceptionDep) -> ClaimRead:
    try:
        with session.begin_nested():
            claim = service.claim(
                reception, session, project,
                name=file.file_name, size_bytes=file.size_bytes, sha256=file.sha256, cells=file.facts,
            )  # fmt: skip
    except AppError as error:
        return ClaimRead(outcome=None, refusal=refusal_of(error))
    return ClaimRead(
        outcome=claim.outcome,
        recording=ArrivedRecording.model_validate(claim.recording) if claim.recording else None,
        upload=upload_read(claim.upload) if claim.upload else None,
    )


@router.post(
    "/projects/{project_id}/registrations", status_code=202, response_model=RegistrationsRead,
    responses=documented(404, 409, 413, 422), operation_id="register_objects", max_body_size=MOST_CLAIM_BYTES,
)  # fmt: skip
def register_objects(
    project: ProjectPath, body: RegistrationsCreate, session: SessionDep, reception: ReceptionDep
) -> dict[str, object]:
    """Take over objects that lie in the project's folder of the intake; each is judged and fetched by itself."""
    open_intake(reception.settings)
    return {"objects": [_registered(project, each, session, reception) for each in body.objects]}


def _registered(
    project: ProjectPath, each: ObjectRegistration, session: SessionDep, reception: ReceptionDep
) -> RegistrationRead:
    try:
        with session.begin_nested():
            upload = register(reception, session, project, key=each.key, sha256=each.sha256, cells=each.facts)
    except AppError as error:
        return RegistrationRead(key=each.key, refusal=refusal_of(error))
    return RegistrationRead(key=each.key, upload=upload_read(upload))


@router.get(
    "/projects/{project_id}/uploads", response_model=Page[UploadRead], responses=documented(404, 422),
    operation_id="list_uploads",
)  # fmt: skip
def list_uploads(project: ProjectPath, page: PageParameters, session: SessionDep) -> dict[str, object]:
    """List uploads, the oldest first."""
    query = behind(select(Upload).where(Upload.project_id == project.id), Upload, page)
    rows, next_cursor = split(session.scalars(query).all(), page)
    return {"items": [upload_read(row) for row in rows], "next_cursor": next_cursor}


@router.get("/tus/{upload_id}", response_model=UploadRead, responses=documented(404, 410), operation_id="read_upload")
def read_upload(upload_id: UUID, reception: ReceptionDep) -> UploadRead:
    """Read how far an upload has come."""
    return upload_read(reception.upload(upload_id))


@router.post(
    "/projects/{project_id}/manifest-checks", response_model=ManifestCheckRead, responses=documented(404, 413, 422),
    operation_id="check_manifest", max_body_size=MOST_MANIFEST_BYTES,
)  # fmt: skip
def check(
    project: ProjectPath, session: SessionDep,
    content: Annotated[bytes, Body(media_type="text/csv", description="CSV, TSV or JSON Lines.")],
    name: Annotated[str, Query(max_length=200, description="What the file is called; its ending tells its kind.")] = "",
) -> dict[str, Any]:  # fmt: skip
    """Judge a manifest row by row before anything is sent; whether its files are there is for the client to see."""
    manifest = check_manifest(name or "the manifest", content)
    faults = [*manifest.faults]
    for row in manifest.rows:
        faults += misfits(session, project, row.facts, row.line)
    faults.sort(key=lambda fault: fault.line)
    return {
        "n_recordings": len(manifest.rows), "n_faults": len(faults), "unused_columns": manifest.unused_columns,
        "faults": [ManifestFault.model_validate(fault) for fault in faults[:MOST_FAULTS_TOLD]],
    }  # fmt: skip


@form_router.post(
    "/projects/{project_id}/recordings", status_code=201, response_model=ArrivedRecording,
    responses=documented(404, 409, 413, 415, 422, 429, 460, 507), operation_id="submit_recording",
    max_body_size=UNLIMITED, openapi_extra=_FORM,
)  # fmt: skip
async def submit_recording(project_id: UUID, request: Request, reception: ReceptionDep) -> ArrivedRecording:
    """Send a small file and what is known of it in one form. For long files and poor links there is tus."""
    arrival = await receive_form(reception, project_id, request.headers, request.stream())
    return ArrivedRecording.model_validate(arrival.recording)


def upload_read(upload: Upload) -> UploadRead:
    """An upload as it is told."""
    columns = {name: getattr(upload, name) for name in UploadRead.model_fields if name != "url"}
    return UploadRead(url=address_of(upload), **columns)


def refusal_of(error: AppError) -> Refusal:
    """Why one of many is not taken."""
    faults = [{"field": each.field, "value": each.value, "expected": each.expected} for each in error.faults]
    return Refusal.model_validate(
        {"status": error.status, "title": error.title, "detail": error.message, "errors": faults}
    )
