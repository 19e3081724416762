"""The description of the API is whole, and no route asks the database more often because there is more in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event

from app.db import transaction
from app.main import create_app
from app.settings import Settings
from tests.app.api.rows import Filled, fill

MOST_STATEMENTS = 6
METHODS = ("get", "post", "put", "patch", "delete")
LISTS = (
    "/organisations", "/projects", "/projects/{project}", "/projects/{project}/recordings", "/recordings/{recording}",
    "/recordings/{recording}/segments", "/segments/{segment}", "/segments/{segment}/drafts",
    "/projects/{project}/drafts.jsonl", "/projects/{project}/tasks", "/tasks/{task}", "/projects/{project}/progress",
)  # fmt: skip


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return create_app(Settings(data_folder=tmp_path_factory.mktemp("data"))).openapi()


def test_every_operation_is_named_described_and_filed(schema: dict[str, Any]) -> None:
    every = dict(operations(schema))
    assert len(every) >= 20
    assert [name for name, each in every.items() if not each.get("description")] == []
    assert [name for name, each in every.items() if not each.get("tags")] == []
    ids = [each["operationId"] for each in every.values()]
    assert len(set(ids)) == len(ids)
    assert [each for each in ids if "api_v1" in each] == []


def test_every_operation_says_what_it_answers_and_how_it_fails(schema: dict[str, Any]) -> None:
    for name, each in operations(schema):
        answers = {int(status): answer for status, answer in each["responses"].items()}
        good = [answer for status, answer in answers.items() if status < 300]
        assert good, name
        assert all("content" in answer or answer.get("description") for answer in good), name
        assert name.startswith("GET /api/v1/jobs") or any(status >= 400 for status in answers), name
        if "{" in name:
            assert {404, 403} & set(answers), name


def test_every_json_body_has_an_example(schema: dict[str, Any]) -> None:
    lacking = []
    for name, each in operations(schema):
        content = each.get("requestBody", {}).get("content", {}).get("application/json")
        if content is not None:
            shape = schema["components"]["schemas"].get(content["schema"].get("$ref", "").rpartition("/")[2], {})
            if not (shape.get("example") or shape.get("examples")):
                lacking.append(name)
    assert lacking == []


@contextmanager
def counted(app: FastAPI) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(app.state.boli.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(app.state.boli.engine, "before_cursor_execute", note)


def n_statements(app: FastAPI, client: TestClient, filled: Filled, pattern: str) -> int:
    path = pattern.format(
        project=filled.project_id, recording=filled.recording_ids[0], segment=filled.segment_ids[0],
        task=filled.task_ids[0],
    )  # fmt: skip
    with counted(app) as statements:
        answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    return len([each for each in statements if not each.startswith("BEGIN")])


def test_no_route_asks_more_often_where_there_is_more(sqlite_url: str, tmp_path: Path) -> None:
    app = create_app(Settings(data_folder=tmp_path / "data", database=sqlite_url))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        with transaction(app.state.boli.sessions) as session:
            few = fill(session, n_recordings=1, n_segments=2, name="few")
        before = {pattern: n_statements(app, client, few, pattern) for pattern in LISTS}
        with transaction(app.state.boli.sessions) as session:
            many = fill(session, n_recordings=8, n_segments=12, name="many")
        after = {pattern: n_statements(app, client, many, pattern) for pattern in LISTS}
    assert after == before
    assert {pattern: n for pattern, n in after.items() if n > MOST_STATEMENTS} == {}


def test_the_status_page_shows_projects_escaped(sqlite_url: str, tmp_path: Path) -> None:
    app = create_app(Settings(data_folder=tmp_path / "data", database=sqlite_url))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert "no projects yet" in client.get("/").text
        with transaction(app.state.boli.sessions) as session:
            fill(session, name="<script>alert(1)</script>")
        with counted(app) as statements:
            page = client.get("/")
        assert page.status_code == 200
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
        assert "<script" not in page.text
        assert len(statements) < 15
        assert app.version in page.text
        reference = client.get("/docs")
        assert "POST /api/v1/projects" in reference.text
        assert "http://" not in reference.text.replace("http://127.0.0.1", "")
        assert "https://" not in reference.text


def test_an_unknown_job_is_404_and_one_that_waits_can_be_cancelled_and_tried_again(
    sqlite_url: str, tmp_path: Path
) -> None:
    from app.jobs.engine import enqueue
    from app.jobs.queues import Queue

    app = create_app(Settings(data_folder=tmp_path / "data", database=sqlite_url))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        unknown = f"/api/v1/jobs/ingest {uuid4()}"
        assert client.get(unknown).status_code == 404
        assert client.put(unknown, json={"state": "cancelled"}).status_code == 404
        with transaction(app.state.boli.sessions) as session:
            enqueue(session, "ingest", ["a"], key="ingest a/b 1", queue=Queue.INGEST)
        path = "/api/v1/jobs/ingest%20a%2Fb%201"
        assert client.get(path).json()["state"] == "waiting"
        assert client.put(path, json={"state": "paused"}).status_code == 422
        for state in ("waiting", "cancelled", "cancelled", "waiting"):
            assert client.put(path, json={"state": state}).json()["state"] == state
        listed = client.get("/api/v1/jobs", params={"state": ["waiting", "dead"]}).json()["items"]
        assert [job["key"] for job in listed] == ["ingest a/b 1"]
        assert client.get("/api/v1/jobs", params={"state": "dead"}).json()["items"] == []
