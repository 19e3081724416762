"""What happens to every request: a number, a line in the log without anybody's text, protecting headers."""

from __future__ import annotations

import logging
import re
import time
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Source: OWASP, "HTTP Security Response Headers Cheat Sheet".
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_log = logging.getLogger("boli.requests")


class RequestLog:
    """Numbers requests, logs each once by the pattern of its address, and adds the headers that protect the reader.

    A header that the answer sets itself stands.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        offered = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        number = scope["boli_request_id"] = offered if _REQUEST_ID.fullmatch(offered) else uuid4().hex
        began = time.perf_counter()
        status = 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _protect(MutableHeaders(scope=message), number)
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        finally:
            # The route's pattern and never the path: file names and tokens are nobody's business in a log.
            pattern = getattr(scope.get("route"), "path", "-")
            took_ms = round((time.perf_counter() - began) * 1000)
            _log.info("%s %s %s %s %d ms", number, scope["method"], pattern, status or "aborted", took_ms)


def _protect(headers: MutableHeaders, number: str) -> None:
    headers[REQUEST_ID_HEADER] = number
    for name, value in _SECURITY_HEADERS.items():
        headers.setdefault(name, value)
