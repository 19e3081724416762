"""Refusals that the framework words as plain text, before any handler of ours is asked: as problems like all others."""

from __future__ import annotations

from http import HTTPStatus

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import MEDIA_TYPE

_DETAILS = {
    400: "the Host header names another machine; the service answers on its own machine alone",
    413: "the body is longer than this address takes",
}


class PlainAnswers:
    """Rewrites plain-text refusals."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        refusal: JSONResponse | None = None

        async def send_on(message: Message) -> None:
            nonlocal refusal
            if message["type"] == "http.response.start" and _is_plain_refusal(message):
                refusal = _problem(scope["path"], message["status"])
            elif refusal is None:
                await send(message)
            elif not message.get("more_body", False):
                await refusal(scope, receive, send)

        await self.app(scope, receive, send_on if scope["type"] == "http" else send)


def _is_plain_refusal(message: Message) -> bool:
    kind = Headers(raw=message.get("headers", [])).get("content-type", "")
    return message["status"] in _DETAILS and kind.startswith("text/plain")


def _problem(path: str, status: int) -> JSONResponse:
    content = {
        "type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": _DETAILS[status],
        "instance": path,
    }  # fmt: skip
    return JSONResponse(content, status, media_type=MEDIA_TYPE)
