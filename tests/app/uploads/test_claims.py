"""Claims, forms, manifests that are checked, objects that are registered, and what is swept."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import boto3  # type: ignore[import-untyped]
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from app.db import reading, transaction
from app.deps import Runtime
from app.main import create_app
from app.settings import Settings
from app.uploads.reception import Reception
from app.uploads.registration import fetch
from app.uploads.sweeping import STRAY_AFTER_S, sweep_uploads
from models.base import new_id, now
from models.recording import Recording, RecordingState
from models.upload import Upload, UploadState
from tests.app.uploads.clients import begin, offset, send
from tests.stores import REGION

BODY = b"RIFF" + bytes(range(256)) * 8
SHA256 = hashlib.sha256(BODY).hexdigest()


def claim(client: TestClient, project_id: UUID, *, name: str = "a.wav", **facts: str) -> dict[str, object]:
    body = {"files": [{"file_name": name, "size_bytes": len(BODY), "sha256": SHA256, "facts": facts}]}
    answer = client.post(f"/api/v1/projects/{project_id}/claims", json=body)
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["files"]
    return dict(found)


def reception_of(app: FastAPI) -> Reception:
    runtime = app.state.boli
    assert isinstance(runtime, Runtime)
    return Reception(runtime.sessions, runtime.store, runtime.settings)


def test_a_claim_made_again_finds_the_same_upload_and_at_last_the_recording(
    client: TestClient, project_id: UUID
) -> None:
    first = claim(client, project_id, dialect="hi-IN")
    assert first["outcome"] == "send"
    url = first["upload"]["url"]  # type: ignore[index]
    send(client, url, 0, BODY[:1000])
    again = claim(client, project_id, dialect="Hindi")
    assert again["upload"]["url"] == url  # type: ignore[index]
    assert again["upload"]["offset_bytes"] == 1000  # type: ignore[index]
    send(client, url, 1000, BODY[1000:])
    known = claim(client, project_id, dialect="hi-IN")
    assert (known["outcome"], known["upload"]) == ("known", None)
    assert known["recording"]["state"] == "received"  # type: ignore[index]


def test_the_same_bytes_under_another_name_are_linked_and_not_processed_again(
    client: TestClient, project_id: UUID, session_maker: sessionmaker[Session]
) -> None:
    begin(client, project_id, len(BODY), body=BODY, filename="a.wav")
    linked = claim(client, project_id, name="b.wav")
    assert linked["outcome"] == "linked"
    sent = begin(client, project_id, len(BODY), body=BODY, filename="c.wav")
    assert sent.headers["Boli-Recording-State"] == "duplicate"
    with reading(session_maker) as session:
        found = {each.file_name: each for each in session.scalars(select(Recording))}
    assert {name: each.state for name, each in found.items()} == {
        "a.wav": RecordingState.RECEIVED, "b.wav": RecordingState.DUPLICATE, "c.wav": RecordingState.DUPLICATE,
    }  # fmt: skip
    assert {found["b.wav"].duplicate_of_id, found["c.wav"].duplicate_of_id} == {found["a.wav"].id}
    assert claim(client, project_id, name="b.wav")["outcome"] == "known"


def test_a_reference_belongs_to_one_recording(client: TestClient, project_id: UUID) -> None:
    begin(client, project_id, len(BODY), body=BODY, filename="a.wav", client_reference="r1")
    assert claim(client, project_id, name="other.wav", client_reference="r1")["outcome"] == "known"
    other = begin(client, project_id, 3, body=b"abc", filename="a.wav", client_reference="r1")
    assert other.status_code == 409
    assert "'r1'" in other.json()["detail"]


def test_another_projects_files_are_not_known(
    client: TestClient, project_id: UUID, session_maker: sessionmaker[Session]
) -> None:
    from tests.factories import add_project

    with transaction(session_maker) as session:
        other = add_project(session).id
    begin(client, project_id, len(BODY), body=BODY, filename="a.wav")
    assert claim(client, other)["outcome"] == "send"
    assert client.post(f"/api/v1/projects/{new_id()}/claims", json={"files": []}).status_code in (404, 422)


def test_one_wrong_file_does_not_keep_the_others_out(client: TestClient, project_id: UUID) -> None:
    files = [
        {"file_name": "a.wav", "size_bytes": 5, "sha256": "a" * 64, "facts": {"gender": "x"}},
        {"file_name": "b.wav", "size_bytes": 10**14, "sha256": "b" * 64},
        {"file_name": "c.wav", "size_bytes": 5, "sha256": "c" * 64},
    ]
    answers = client.post(f"/api/v1/projects/{project_id}/claims", json={"files": files}).json()["files"]
    assert [each["refusal"] and each["refusal"]["status"] for each in answers] == [422, 413, None]
    assert answers[0]["refusal"]["errors"][0]["field"] == "gender"


def test_a_form_becomes_a_recording_whatever_comes_first(
    client: TestClient, project_id: UUID, settings: Settings
) -> None:
    answer = client.post(
        f"/api/v1/projects/{project_id}/recordings",
        data={"dialect": "ta-IN", "speaker": "s1"}, files={"file": ('x"y\n.wav', BODY)},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    assert answer.json()["file_name"] == 'x"y\ufffd.wav'
    assert answer.json()["sha256"] == SHA256
    assert not list((settings.data_folder / "uploads").glob("*.part"))


@pytest.mark.parametrize(
    ("form", "status", "told"),
    [
        ({"data": {"dialect": "hi-IN"}, "files": {"other": ("a", b"x")}}, 422, "no file"),
        ({"files": {"file": ("a.wav", b"x")}, "data": {"dialect": "xx"}}, 422, "no dialect 'xx'"),
        ({"files": {"file": ("a.wav", b"x")}, "data": {"sha256": "0" * 64}}, 460, "hashes to"),
        ({"json": {}}, 415, "multipart/form-data"),
        ({"content": b"--x\r\nnonsense", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 422, ""),
    ],
)
def test_a_form_that_is_wrong_leaves_nothing(
    client: TestClient, project_id: UUID, settings: Settings, form: dict[str, object], status: int, told: str
) -> None:
    answer = client.post(f"/api/v1/projects/{project_id}/recordings", **form)  # type: ignore[arg-type]
    assert answer.status_code == status, answer.text
    assert told in answer.json()["detail"]
    assert not list((settings.data_folder / "uploads").glob("*.part"))


def test_a_manifest_is_judged_against_the_project(client: TestClient, project_id: UUID) -> None:
    begin(client, project_id, 3, body=b"abc", filename="z.wav", speaker="s1", gender="f")
    content = "path,tag,speaker,gender,mood\na.wav,hi-IN,s1,m,x\nb.wav,xx,s2,,\n"
    answer = client.post(
        f"/api/v1/projects/{project_id}/manifest-checks?name=m.csv", content=content.encode(),
        headers={"Content-Type": "text/csv"},
    ).json()  # fmt: skip
    assert (answer["n_recordings"], answer["n_faults"], answer["unused_columns"]) == (1, 2, ["mood"])
    assert [(each["line"], each["column"]) for each in answer["faults"]] == [(2, "gender"), (3, "tag")]


def test_the_sweep_finishes_what_is_whole_and_gives_up_what_expired(
    app: FastAPI, client: TestClient, project_id: UUID, session_maker: sessionmaker[Session]
) -> None:
    reception = reception_of(app)
    whole = begin(client, project_id, len(BODY), filename="whole.wav").headers["Location"]
    late = begin(client, project_id, len(BODY), filename="late.wav").headers["Location"]
    fresh = begin(client, project_id, len(BODY), filename="fresh.wav").headers["Location"]
    whole_id, late_id = (UUID(url.rpartition("/")[2]) for url in (whole, late))
    for url in (late, fresh):
        send(client, url, 0, BODY[:100])
    reception.parts.path(whole_id).write_bytes(BODY)  # as a kill between the last byte and the recording leaves it
    stray = reception.parts.path(new_id())
    stray.write_bytes(b"x")
    os.utime(stray, (time.time() - STRAY_AFTER_S * 2,) * 2)
    with transaction(session_maker) as session:
        session.execute(update(Upload).where(Upload.id == whole_id).values(offset_bytes=len(BODY)))
        session.execute(update(Upload).where(Upload.id == late_id).values(expires_at=now() - timedelta(seconds=1)))
    sweep_uploads(reception)
    sweep_uploads(reception)
    with reading(session_maker) as session:
        states = {each.file_name: each.state for each in session.scalars(select(Upload))}
        assert session.scalars(select(Recording.sha256)).all() == [SHA256]
    assert states == {
        "whole.wav": UploadState.COMPLETE, "late.wav": UploadState.EXPIRED, "fresh.wav": UploadState.OPEN,
    }  # fmt: skip
    assert [path.stem for path in reception.parts.folder.glob("*.part")] == [fresh.rpartition("/")[2]]
    assert offset(client, fresh) == 100


@pytest.fixture(params=["folder", "bucket"])
def intake(request: pytest.FixtureRequest, tmp_path: Path, project_id: UUID) -> dict[str, str]:
    """Settings of an intake of each kind, with one object of the project and one of another."""
    objects = {f"{project_id}/2026 नया/a.wav": BODY, f"{new_id()}/b.wav": b"another's"}
    if request.param == "folder":
        for key, content in objects.items():
            (tmp_path / "intake" / key).parent.mkdir(parents=True)
            (tmp_path / "intake" / key).write_bytes(content)
        (tmp_path / "intake" / str(project_id) / "link.wav").symlink_to("/etc/passwd")
        return {"intake": str(tmp_path / "intake")}
    endpoint = request.getfixturevalue("s3_endpoint")
    s3 = boto3.client("s3", endpoint_url=endpoint, region_name=REGION)
    bucket = f"intake-{new_id()}"
    s3.create_bucket(Bucket=bucket)
    for key, content in objects.items():
        s3.put_object(Bucket=bucket, Key=f"left/{key}", Body=content)
    return {"intake": f"s3://{bucket}/left", "s3_endpoint": endpoint}


def test_objects_of_the_intake_are_registered_fetched_and_only_the_projects_own(
    settings: Settings, intake: dict[str, str], project_id: UUID, session_maker: sessionmaker[Session]
) -> None:
    app = create_app(settings.model_copy(update=intake))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        keys = ["2026 नया/a.wav", "none.wav", "../b.wav", "link.wav", "a\n.wav"]
        body = {"objects": [{"key": key, "facts": {"dialect": "hi-IN"}} for key in keys]}
        answer = client.post(f"/api/v1/projects/{project_id}/registrations", json=body)
        assert answer.status_code == 202, answer.text
        found = answer.json()["objects"]
        assert [each["refusal"] and each["refusal"]["status"] for each in found] == [None, 404, 422, 404, 422]
        again = client.post(f"/api/v1/projects/{project_id}/registrations", json=body).json()["objects"]
        assert again[0]["upload"]["id"] == found[0]["upload"]["id"]
        reception = reception_of(app)
        fetch(reception, UUID(found[0]["upload"]["id"]))
        fetch(reception, UUID(found[0]["upload"]["id"]))
    with reading(session_maker) as session:
        recording = session.scalars(select(Recording)).one()
    assert (recording.sha256, recording.dialect, recording.file_name) == (SHA256, "hi-IN", "2026 नया/a.wav")


def test_without_an_intake_nothing_is_registered(client: TestClient, project_id: UUID) -> None:
    body = {"objects": [{"key": "a.wav"}]}
    answer = client.post(f"/api/v1/projects/{project_id}/registrations", json=body)
    assert answer.status_code == 409
    assert "BOLI_INTAKE" in answer.json()["detail"]
