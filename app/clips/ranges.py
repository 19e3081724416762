"""A part of a file, as browsers ask for it. Source: RFC 9110, sections 13 and 14."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from fastapi import Response

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def ranged(content: bytes, *, content_type: str, headers: Mapping[str, str], max_age_s: int) -> Response:
    """The whole file (200), the part that was asked for (206), nothing that is known already (304), or 416.

    headers: of the request, names in any case.
    """
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    ours = {
        "ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": f"private, max-age={max_age_s}, immutable",
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    if etag in headers.get("if-none-match", ""):
        return Response(status_code=304, headers=ours)
    is_current = headers.get("if-range", etag) == etag
    asked = _asked(headers.get("range", ""), len(content)) if is_current else None
    if asked is None:
        return Response(content, headers=ours, media_type=content_type)
    start, end = asked
    if start >= end:
        return Response(status_code=416, headers=ours | {"Content-Range": f"bytes */{len(content)}"})
    ours["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
    return Response(content[start:end], 206, ours, content_type)


def _asked(header: str, size_bytes: int) -> tuple[int, int] | None:
    """`[start, end)` of the one range that is asked for, empty where there is nothing; None: the whole.

    What is no range of bytes, and several at once, may be answered with the whole.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return max(0, size_bytes - int(match[2])), size_bytes
    start = int(match[1])
    end = min(int(match[2]) + 1, size_bytes) if match[2] else size_bytes
    if match[2] and int(match[2]) < start:
        return None
    return start, end
