"""Entity tags: `"VERSION.HASH"`, the version of a row and the hash of the whole answer. Source: RFC 9110, 8.8 and 13.1.

`If-None-Match` looks at the whole, so that counts that moved on are seen. `If-Match` looks at the version alone:
counts that moved on are no conflict.
"""

from __future__ import annotations

import hashlib
import json
import re

from app.errors import ChangedMeanwhile, Invalid, PreconditionMissing

_HASH_CHARACTERS = 16
_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def etag_of(body: bytes) -> str:
    """The tag of a JSON answer; the version is 0 where what it shows is not edited."""
    content = json.loads(body)
    version = content.get("version", 0) if isinstance(content, dict) else 0
    return f'"{version}.{hashlib.sha256(body).hexdigest()[:_HASH_CHARACTERS]}"'


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Whether the client holds this very answer."""
    return if_none_match is not None and (
        if_none_match.strip() == "*" or etag.strip('"') in _TAG.findall(if_none_match)
    )


def require_version(if_match: str | None, *, version: int, what: str) -> None:
    """That an edit starts from the version that stands.

    Raises:
        PreconditionMissing: the request does not say which version it edits.
        Invalid: the header holds no tag of ours.
        ChangedMeanwhile: another version stands.
    """
    if if_match is None:
        raise PreconditionMissing(f"{what} is edited with the header If-Match, which holds the ETag that was read")
    if if_match.strip() == "*":
        return
    named = [tag.partition(".")[0] for tag in _TAG.findall(if_match)]
    if not named or not all(each.isdigit() for each in named):
        raise Invalid(f'If-Match is {if_match[:80]!r}, expected the ETag that was read, such as "3.0a1b"')
    if str(version) not in named:
        raise ChangedMeanwhile(f"{what} is at version {version}, and the edit is of version {', '.join(named)}")
