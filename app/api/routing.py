"""Routes of the API: each POST may be sent again, each answer has its entity tag."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from fastapi.routing import APIRoute

from app.api import idempotency
from app.api.etags import etag_of, is_known
from app.api.idempotency import Answer
from app.api.rooms import room_for
from app.db import transaction
from app.deps import principal_of, runtime_of

PREFIX = "/api/v1"
KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ApiRoute(APIRoute):
    """A route whose POSTs are done once per `Idempotency-Key` and whose JSON answers carry an `ETag`."""

    def get_route_handler(self) -> _Handler:
        """The handler, wrapped."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            await request.body()  # whoever sends slowly keeps nobody waiting
            key = request.headers.get(KEY_HEADER) if request.method == "POST" else None
            async with room_for(request):
                response = await (handle(request) if key is None else _once(request, key, handle))
            return _tagged(request, response)

        return answer


def feature_router(**options: Any) -> APIRouter:
    """A router for one feature under `PREFIX`; options as of `APIRouter`."""
    return APIRouter(route_class=ApiRoute, **options)


async def _once(request: Request, key: str, handle: _Handler) -> Response:
    """Carry a request out, or repeat the answer that it had. The route joins the session that is opened here."""
    asked = idempotency.repeatable(
        principal_of(request), key,
        target=f"{request.method} {request.url.path}?{request.url.query}", body=await request.body(),
    )  # fmt: skip
    async with contextmanager_in_threadpool(transaction(runtime_of(request).sessions)) as session:
        stored = await run_in_threadpool(idempotency.take, session, asked)
        if stored is not None:
            return _replayed(stored)
        request.state.session = session
        response = await handle(request)
        await run_in_threadpool(idempotency.keep, session, asked, _answer(response))
    return response


def _answer(response: Response) -> Answer:
    return Answer(response.status_code, bytes(response.body).decode("utf-8"))


def _replayed(answer: Answer) -> Response:
    headers = {REPLAYED_HEADER: "true"}
    return Response(answer.body or None, answer.status, headers, "application/json" if answer.body else None)


def _tagged(request: Request, response: Response) -> Response:
    """The answer with its tag, or 304 where the client holds it already."""
    if response.media_type != "application/json" or not getattr(response, "body", b""):
        return response
    response.headers["ETag"] = etag = etag_of(bytes(response.body))
    if request.method == "GET" and is_known(etag, request.headers.get("If-None-Match")):
        return Response(status_code=304, headers={"ETag": etag})
    return response
