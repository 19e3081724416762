"""A few lines of tus for tests."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

import httpx
from fastapi.testclient import TestClient

Client = httpx.Client | TestClient

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}


def metadata(**texts: str) -> str:
    """Upload-Metadata."""
    return ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in texts.items())


def begin(
    client: Client, project_id: UUID, size_bytes: int, *,
    body: bytes = b"", headers: dict[str, str] | None = None, **facts: str,
) -> Any:  # fmt: skip
    """Create an upload."""
    sent = {**TUS, "Upload-Length": str(size_bytes), "Upload-Metadata": metadata(**facts), **(headers or {})}
    return client.post(
        f"/api/v1/projects/{project_id}/uploads", headers=sent | (BYTES if body else {}), content=body or None
    )


def send(client: Client, url: str, offset_bytes: int, body: bytes, headers: dict[str, str] | None = None) -> Any:
    """Send bytes from an offset."""
    sent = {**TUS, **BYTES, "Upload-Offset": str(offset_bytes), **(headers or {})}
    return client.patch(url, headers=sent, content=body)


def offset(client: Client, url: str) -> int:
    """How much of an upload is safe."""
    answer = client.head(url, headers=TUS)
    assert answer.status_code == 200, answer.status_code
    return int(answer.headers["Upload-Offset"])
