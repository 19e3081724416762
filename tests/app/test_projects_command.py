"""`boli projects` and `boli recordings`, straight to the database."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.db import open_engine, sessions, transaction
from tests.app.api.rows import fill

Boli = Callable[..., Result]


@pytest.fixture
def boli(monkeypatch: pytest.MonkeyPatch, sqlite_url: str, tmp_path: Path) -> Boli:
    monkeypatch.setenv("BOLI_DATABASE", sqlite_url)
    monkeypatch.setenv("BOLI_DATA_FOLDER", str(tmp_path / "data"))

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, list(words))

    return run


def test_a_project_is_made_listed_and_shown(boli: Boli) -> None:
    made = boli("projects", "create", "Farm [bold]radio", "--organisation", "Archive", "--dialect", "hi_in")
    assert made.exit_code == 0, made.output
    again = boli("projects", "create", "Farm [bold]radio", "--organisation", "Archive")
    assert (again.exit_code, "already" in again.stderr) == (1, True)
    (listed,) = map(json.loads, boli("projects", "list", "--json").stdout.splitlines())
    assert (listed["id"], listed["name"]) == (made.stdout.strip(), "Farm [bold]radio")
    assert [each["dialect"] for each in listed["dialects"]] == ["hi-IN"]
    assert "Farm [bold]radio" in boli("projects", "list").stdout
    assert "received" in boli("projects", "show", listed["id"]).stdout


def test_recordings_are_listed_by_state_and_shown(boli: Boli, sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with transaction(sessions(engine)) as session:
        filled = fill(session)
    engine.dispose()
    project = str(filled.project_id)
    ready = boli("recordings", "list", "--project", project, "--state", "ready", "--json").stdout.splitlines()
    assert [json.loads(line)["id"] for line in ready] == [str(each) for each in filled.recording_ids]
    assert json.loads(ready[0])["file_name"] == "गाँव 0.opus"
    assert boli("recordings", "list", "--project", project, "--state", "broken", "--json").stdout == ""
    assert "spk-1" in boli("recordings", "show", str(filled.recording_ids[0])).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("projects", "show", "12"), "'12' is no id of a project"),
        (("projects", "show", "01937f3c-0000-7000-8000-000000000000"), "there is no project"),
        (("projects", "create", "x", "--organisation", "o", "--dialect", "klingon"), "no dialect 'klingon'"),
        (("recordings", "show", "12"), "'12' is no id of a recording"),
    ],
)
def test_a_mistake_is_told_in_a_line(boli: Boli, words: tuple[str, ...], told: str) -> None:
    result = boli(*words)
    assert result.exit_code == 1
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
