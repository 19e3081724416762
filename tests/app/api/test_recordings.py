"""Recordings, their segments, drafts and tasks over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.db import transaction
from app.drafts import exporting
from app.jobs.inspection import Jobs
from models.recording import Recording
from models.segment import SegmentReplacement
from tests.app.api.rows import SEGMENT_MS, Filled, fill

API = "/api/v1"


@pytest.fixture
def filled(app: FastAPI) -> Filled:
    with transaction(app.state.boli.sessions) as session:
        return fill(session)


def test_what_belongs_to_nobody_is_404(client: TestClient) -> None:
    unknown = uuid4()
    for path in (
        f"/projects/{unknown}/recordings", f"/recordings/{unknown}", f"/recordings/{unknown}/segments",
        f"/segments/{unknown}", f"/segments/{unknown}/drafts", f"/projects/{unknown}/drafts.jsonl",
        f"/projects/{unknown}/tasks", f"/tasks/{unknown}", f"/projects/{unknown}/progress",
        f"/projects/{unknown}/progress/events",
    ):  # fmt: skip
        answer = client.get(API + path)
        assert (answer.status_code, answer.json()["status"]) == (404, 404), path


def test_recordings_are_listed_by_what_is_asked_of_them(client: TestClient, filled: Filled) -> None:
    path = f"{API}/projects/{filled.project_id}/recordings"
    every = client.get(path).json()["items"]
    assert [item["id"] for item in every] == [str(each) for each in filled.recording_ids]
    assert every[0]["speaker"]["pseudonym"] == "spk-1"
    assert len(client.get(path, params={"client_reference": "ref-1"}).json()["items"]) == 1
    assert len(client.get(path, params={"speaker": "spk-1", "state": "ready", "dialect": "hi"}).json()["items"]) == 2
    assert client.get(path, params={"speaker": "spk-9"}).json()["items"] == []


@pytest.mark.parametrize(
    "query", [{"state": "lost"}, {"stat": "ready"}, {"cursor": "x"}, {"limit": 0}, {"dialect": "!"}]
)
def test_a_filter_that_makes_no_sense_is_refused_by_name(
    client: TestClient, filled: Filled, query: dict[str, str]
) -> None:
    answer = client.get(f"{API}/projects/{filled.project_id}/recordings", params=query)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == list(query)


def test_a_recording_says_how_far_it_has_come(client: TestClient, filled: Filled) -> None:
    read = client.get(f"{API}/recordings/{filled.recording_ids[0]}").json()
    assert read["counts"] == {
        "n_segments": 3, "segments_ms": 3 * SEGMENT_MS, "n_drafted": 2, "n_without_text": 1, "n_in_tasks": 3,
        "n_done": 0,
    }  # fmt: skip


def test_facts_of_a_recording_are_corrected(client: TestClient, filled: Filled) -> None:
    path = f"{API}/recordings/{filled.recording_ids[0]}"
    etag = client.get(path).headers["etag"]
    body = {"district": " Gaya ", "device": None, "speaker": {"pseudonym": "spk-2", "age_band": "31-45"}}
    edited = client.patch(path, json=body, headers={"If-Match": etag})
    assert edited.status_code == 200, edited.text
    assert (edited.json()["district"], edited.json()["speaker"]["pseudonym"]) == ("Gaya", "spk-2")
    taken = client.patch(path, json={"client_reference": "ref-1"}, headers={"If-Match": edited.headers["etag"]})
    assert (taken.status_code, "'ref-1'" in taken.json()["detail"]) == (409, True)


def test_segments_are_listed_by_start_with_their_drafts(client: TestClient, filled: Filled) -> None:
    path = f"{API}/recordings/{filled.recording_ids[0]}/segments"
    first = client.get(path, params={"limit": 2}).json()
    rest = client.get(path, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [item["start_ms"] for item in first["items"] + rest["items"]] == [0, SEGMENT_MS, 2 * SEGMENT_MS]
    assert rest["next_cursor"] is None
    assert first["items"][0]["drafts"][0]["text"] == "पानी 0"
    assert rest["items"][0]["drafts"][0]["no_draft_reason"] == "engine_failed"
    drafts = client.get(f"{API}/segments/{filled.segment_ids[0]}/drafts").json()
    assert [draft["model"] for draft in drafts] == ["demo"]


def test_a_replaced_segment_is_still_read_and_says_by_what(app: FastAPI, client: TestClient, filled: Filled) -> None:
    old, new = filled.segment_ids[:2]
    with transaction(app.state.boli.sessions) as session:
        session.add(SegmentReplacement(segment_id=new, replaced_id=old))
    assert client.get(f"{API}/segments/{old}").json()["replaced_by"] == [str(new)]
    listed = client.get(f"{API}/recordings/{filled.recording_ids[0]}/segments").json()["items"]
    assert str(old) not in [item["id"] for item in listed]


def test_drafts_go_out_as_a_line_for_each_segment(client: TestClient, filled: Filled) -> None:
    answer = client.get(f"{API}/projects/{filled.project_id}/drafts.jsonl")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"].startswith("application/jsonl")
    assert [line["id"] for line in lines] == [str(each) for each in filled.segment_ids]
    assert lines[0]["file_name"] == "गाँव 0.opus"
    assert lines[0]["drafts"][0]["words"] == [{"text": "पानी", "start_ms": 0, "end_ms": 400, "confidence": 0.5}]


def test_an_export_of_many_pages_has_each_segment_once(
    app: FastAPI, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "RECORDINGS_AT_ONCE", 3)
    monkeypatch.setattr(exporting, "SEGMENTS_AT_ONCE", 4)
    with transaction(app.state.boli.sessions) as session:
        filled = fill(session, n_recordings=10, n_segments=5)
    answer = client.get(f"{API}/projects/{filled.project_id}/drafts.jsonl")
    ids = [json.loads(line)["id"] for line in answer.text.splitlines()]
    assert ids == [str(each) for each in filled.segment_ids]


def test_tasks_are_listed_and_read_with_their_segments_in_order(client: TestClient, filled: Filled) -> None:
    listed = client.get(f"{API}/projects/{filled.project_id}/tasks", params={"state": "waiting"}).json()["items"]
    assert [item["id"] for item in listed] == [str(each) for each in filled.task_ids]
    read = client.get(f"{API}/tasks/{filled.task_ids[0]}").json()
    assert [item["id"] for item in read["segments"]] == [str(each) for each in filled.segment_ids[:3]]


def test_progress_counts_states(app: FastAPI, client: TestClient, filled: Filled) -> None:
    with transaction(app.state.boli.sessions) as session:
        session.add(
            Recording(
                project_id=filled.project_id, file_name="b.wav", storage_key="k", sha256="0" * 64, size_bytes=1,
                client_reference="b",
            )
        )  # fmt: skip
    told = client.get(f"{API}/projects/{filled.project_id}/progress").json()
    assert told["recordings"]["by_state"]["ready"] == 2
    assert told["recordings"]["by_state"]["received"] == 1
    assert (told["segments"]["n"], told["segments"]["n_drafted"], told["segments"]["n_without_text"]) == (6, 4, 2)
    assert (told["tasks"]["n"], told["n_drafts"], told["share_done"]) == (2, 6, 0.0)
    assert told["share_ready"] == pytest.approx(2 / 3, abs=1e-4)
    assert told["machine_s_left"] == 300


def patch(client: TestClient, path: str, body: dict[str, object], etag: str | None = None) -> Any:
    return client.patch(path, json=body, headers={"If-Match": etag or client.get(path).headers["etag"]})


def test_a_dialect_is_corrected_from_the_version_that_was_read(client: TestClient, filled: Filled) -> None:
    path = f"{API}/recordings/{filled.recording_ids[0]}"
    assert client.patch(f"{API}/recordings/{uuid4()}", json={"dialect": "ta-IN"}).status_code == 404
    assert client.patch(path, json={"dialect": "ta-IN"}).status_code == 428
    stale = client.get(path).headers["etag"]
    unknown = patch(client, path, {"dialect": "kl-GON"})
    assert unknown.status_code == 422
    (fault,) = unknown.json()["errors"]
    assert (fault["field"], fault["value"]) == ("dialect", "'kl-GON'")
    assert patch(client, path, {"district": "Gaya"}).status_code == 200
    mismatch = patch(client, path, {"dialect": "ta-IN"}, stale)
    assert (mismatch.status_code, mismatch.headers["content-type"]) == (412, "application/problem+json")
    read = client.get(path).json()
    assert (read["dialect"], read["dialect_changes"], read["counts"]["n_in_tasks"]) == ("hi-IN", [], 3)


def test_drafts_tasks_and_counts_follow_a_corrected_dialect_and_history_stays(
    app: FastAPI, client: TestClient, filled: Filled
) -> None:
    path, tasks = f"{API}/recordings/{filled.recording_ids[0]}", f"{API}/projects/{filled.project_id}/tasks"
    before = client.get(f"{path}/segments").json()["items"]
    edited = patch(client, path, {"dialect": "TA_in", "dialect_reason": "she says so herself"})
    assert edited.status_code == 200, edited.text
    told = edited.json()
    assert (told["dialect"], told["state"]) == ("ta-IN", "segmented")
    assert (told["counts"]["n_segments"], told["counts"]["n_in_tasks"]) == (3, 0)
    (change,) = told["dialect_changes"]
    assert (change["before"], change["after"], change["author"]) == ("hi-IN", "ta-IN", "operator")
    assert change["reason"] == "she says so herself"
    assert client.get(f"{path}/segments").json()["items"] == before
    assert [each["id"] for each in client.get(tasks, params={"state": "cancelled"}).json()["items"]] == [
        str(filled.task_ids[0])
    ]
    waiting = client.get(tasks, params={"state": "waiting"}).json()["items"]
    assert [each["id"] for each in waiting] == [str(filled.task_ids[1])]
    jobs = {job.key for job in Jobs(app.state.boli.engine).list()}
    kinds = {f"tasks {filled.project_id} {dialect} 1" for dialect in ("hi-IN", "ta-IN")}
    assert jobs == {"draft demo 1"} | kinds
    progress = client.get(f"{API}/projects/{filled.project_id}/progress").json()
    assert (progress["tasks"]["n"], progress["recordings"]["by_state"]["segmented"]) == (1, 1)

    again = patch(client, path, {"dialect": "ta-IN"}, edited.headers["etag"])
    assert (again.status_code, len(again.json()["dialect_changes"])) == (200, 1)
    back = patch(client, path, {"dialect": None}, again.headers["etag"])
    assert back.json()["dialect"] is None
    assert [(each["before"], each["after"]) for each in back.json()["dialect_changes"]] == [
        ("hi-IN", "ta-IN"), ("ta-IN", None),
    ]  # fmt: skip
