"""Another model beside a project's own, over HTTP and at the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from typer.testing import CliRunner

from app.cli import cli
from app.db import open_engine, reading, sessions
from app.jobs.inspection import Jobs
from models.project import ProjectModel
from tests.app.api.test_projects import project

API = "/api/v1"


def draft_with(client: TestClient, project_id: object, model: Any, key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"{API}/projects/{project_id}/models", json={"model": model}, headers=headers)


def asked(app: FastAPI) -> tuple[list[str], list[str]]:
    """The models beside, and the jobs that were asked for."""
    with reading(app.state.boli.sessions) as session:
        beside = list(session.scalars(select(ProjectModel.model)))
    return beside, [job.key for job in Jobs(app.state.boli.engine).list()]


def test_a_project_that_is_nobody_s_is_404(client: TestClient) -> None:
    assert draft_with(client, uuid4(), "small").status_code == 404


def test_a_model_that_nobody_has_is_refused_with_the_nearest(app: FastAPI, client: TestClient) -> None:
    answer = draft_with(client, project(client)["id"], "smal")
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["field"], fault["value"]) == ("model", "'smal'")
    assert "small" in fault["expected"]
    for model in ("", 5, "a\u0007"):
        assert draft_with(client, project(client, f"p{model!r}")["id"], model).status_code == 422
    assert asked(app) == ([], [])


def test_the_project_s_own_model_or_a_project_without_drafts_is_a_conflict(app: FastAPI, client: TestClient) -> None:
    own = draft_with(client, project(client, model="small")["id"], "small")
    assert (own.status_code, "'small'" in own.json()["detail"]) == (409, True)
    off = project(client, "blank", is_drafted=False, dialects=[{"dialect": "hi-IN"}])
    assert draft_with(client, off["id"], "small").status_code == 409
    some = project(client, "some", is_drafted=False, dialects=[{"dialect": "ta-IN", "is_drafted": True}])
    assert draft_with(client, some["id"], "small").status_code == 201
    assert asked(app)[0] == ["small"]


def test_a_model_is_asked_for_once_however_often_it_is_sent(app: FastAPI, client: TestClient) -> None:
    made = project(client)
    first = draft_with(client, made["id"], "small", "k")
    assert first.status_code == 201, first.text
    assert (first.json()["project_id"], first.json()["model"]) == (made["id"], "small")
    again = draft_with(client, made["id"], "small", "k")
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert draft_with(client, made["id"], "small").json() == first.json()
    assert draft_with(client, made["id"], "/models/whisper-hi").status_code == 201
    beside, jobs = asked(app)
    assert sorted(beside) == ["/models/whisper-hi", "small"]
    assert sorted(jobs) == ["draft /models/whisper-hi 1", "draft small 1"]


def test_a_model_kept_on_this_machine_is_known(app: FastAPI, client: TestClient) -> None:
    (app.state.boli.settings.cache_folder / "models" / "hub-hindi").mkdir(parents=True)
    assert draft_with(client, project(client)["id"], "hub-hindi").status_code == 201


def test_an_operator_asks_for_it_at_the_machine(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("BOLI_DATABASE", sqlite_url), ("BOLI_DATA_FOLDER", str(tmp_path))):
        monkeypatch.setenv(name, value)
    boli = CliRunner()
    unknown = boli.invoke(cli, ["projects", "draft-with", str(uuid4()), "small"])
    assert (unknown.exit_code, "there is no project" in unknown.stderr) == (1, True)
    made = boli.invoke(cli, ["projects", "create", "Farm radio", "--organisation", "Archive"]).stdout.strip()
    misspelt = boli.invoke(cli, ["projects", "draft-with", made, "smal"])
    assert (misspelt.exit_code, "'smal'" in misspelt.stderr) == (1, True)
    told = boli.invoke(cli, ["projects", "draft-with", made, "small"])
    assert told.stdout == "small drafts Farm radio too\n", told.output
    shown = boli.invoke(cli, ["projects", "draft-with", made, "small", "--json"])
    assert json.loads(shown.stdout)["project_id"] == made
    engine = open_engine(sqlite_url)
    with reading(sessions(engine)) as session:
        assert session.scalars(select(ProjectModel.model)).all() == ["small"]
    engine.dispose()
