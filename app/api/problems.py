"""Errors as problem details. Source: RFC 9457."""

from __future__ import annotations

import logging
import sqlite3
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as ConnectionsTaken
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from app.errors import AppError, ChangedMeanwhile, Conflict, FieldFault, Invalid, NoRoom, Overloaded

MEDIA_TYPE = "application/problem+json"
_MOST_VALUE_CHARACTERS = 200
_RETRY_AFTER_S = {503: 10, 507: 60}
_OWN_PHRASES = {460: "Checksum Mismatch"}
"""Statuses that are not in the register. Source: tus resumable upload protocol 1.0.0, "Checksum"."""
_POSTGRESQL_DISK_FULL = "53100"
_log = logging.getLogger("boli.web")


class FaultRead(BaseModel):
    """One field that is wrong."""

    field: str
    value: str
    expected: str


class Problem(BaseModel):
    """Why a request was not carried out."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Not found",
                "status": 404,
                "detail": "there is no project '01937f3c-0000-7000-8000-000000000000'",
                "instance": "/api/v1/projects/01937f3c-0000-7000-8000-000000000000",
            }
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FaultRead] | None = None


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, for its `responses`."""
    return {
        status: {
            "description": _phrase(status),
            "model": Problem,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def add_handlers(app: FastAPI) -> None:
    """Turn everything that is raised into a problem."""
    app.add_exception_handler(AppError, _on_app_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(StaleDataError, _on_stale)
    app.add_exception_handler(IntegrityError, _on_integrity)
    app.add_exception_handler(OperationalError, _on_database)
    app.add_exception_handler(ConnectionsTaken, _on_database)
    app.add_exception_handler(Exception, _on_accident)


def problem(request: Request, error: AppError) -> JSONResponse:
    """An error as the answer to a request."""
    content: dict[str, Any] = {
        "type": "about:blank", "title": error.title, "status": error.status,
        "detail": error.message, "instance": request.url.path,
    }  # fmt: skip
    if error.faults:
        content["errors"] = [
            {"field": fault.field, "value": fault.value, "expected": fault.expected} for fault in error.faults
        ]
    wait_s = _RETRY_AFTER_S.get(error.status)
    headers = {"Retry-After": str(wait_s)} if wait_s else None
    return JSONResponse(content, error.status, headers, media_type=MEDIA_TYPE)


def _phrase(status: int) -> str:
    return _OWN_PHRASES.get(status) or HTTPStatus(status).phrase


def shown(value: object) -> str:
    """A value as it is told back to whoever sent it: never whole where it is long."""
    text = repr(value)
    return text if len(text) <= _MOST_VALUE_CHARACTERS else text[:_MOST_VALUE_CHARACTERS] + "..."


async def _on_app_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AppError)
    return problem(request, error)


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [_fault(each) for each in error.errors()]
    summary = "; ".join(f"{fault.field} is {fault.value}: {fault.expected}" for fault in faults)
    return problem(request, Invalid(summary, *faults))


def _fault(error: dict[str, Any]) -> FieldFault:
    place = [str(part) for part in error["loc"]]
    field = ".".join(place[1:] if len(place) > 1 and place[0] in ("body", "query", "path", "header") else place)
    return FieldFault(field, shown(error.get("input")), str(error["msg"]).removeprefix("Value error, "))


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    failure = AppError(_explained(request, error))
    failure.status, failure.title = error.status_code, _phrase(error.status_code)
    answer = problem(request, failure)
    answer.headers.update(error.headers or {})
    return answer


def _explained(request: Request, error: HTTPException) -> str:
    match error.status_code:
        case 404:
            return f"there is nothing at {request.url.path!r}; /openapi.json lists what there is"
        case 405:
            return f"{request.method} is not possible at {request.url.path!r}"
        case 413:
            return "the body is longer than this address takes"
        case _:
            return str(error.detail)


async def _on_stale(request: Request, _error: Exception) -> JSONResponse:
    return problem(request, ChangedMeanwhile("it was changed by another request at the same moment; read it again"))


async def _on_integrity(request: Request, error: Exception) -> JSONResponse:
    _log.warning("refused by the database: %s", type(getattr(error, "orig", error)).__name__)
    return problem(request, Conflict("another request changed the same things at the same moment; try again"))


async def _on_database(request: Request, error: Exception) -> JSONResponse:
    cause = getattr(error, "orig", None)
    _log.error("the database fails: %s", cause or type(error).__name__)
    if _is_full(cause):
        return problem(
            request, NoRoom("the disk of the database is full: nothing was changed; make room, then try again")
        )
    return problem(request, Overloaded("the database does not answer: nothing was changed; try again later"))


def _is_full(cause: object) -> bool:
    if isinstance(cause, sqlite3.Error):
        return cause.sqlite_errorcode == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) == _POSTGRESQL_DISK_FULL


async def _on_accident(request: Request, _error: Exception) -> JSONResponse:
    number = request.scope.get("boli_request_id", "unknown")
    failure = AppError(f"the service failed; its log has more under request {number}")
    failure.status, failure.title = 500, "Internal error"
    return problem(request, failure)
