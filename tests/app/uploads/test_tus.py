"""The protocol, request by request, on both databases."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from app.db import reading, transaction
from app.settings import Settings
from app.storage import open_store
from app.uploads.parts import Parts
from models.base import new_id, now
from models.recording import Recording
from models.speaker import Speaker
from models.upload import Upload
from tests.app.uploads.clients import BYTES, TUS, begin, offset, send

BODY = b"RIFF" + bytes(range(256)) * 40


@pytest.fixture
def url(client: TestClient, project_id: UUID) -> str:
    """An upload of BODY that was begun."""
    answer = begin(client, project_id, len(BODY), filename="a.wav")
    assert answer.status_code == 201
    return str(answer.headers["Location"])


def checksum(algorithm: str, body: bytes) -> dict[str, str]:
    digest = hashlib.new(algorithm, body).digest()
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}


def test_options_tell_version_extensions_and_the_largest_file(client: TestClient, project_id: UUID) -> None:
    answer = client.options(f"/api/v1/projects/{project_id}/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation", "creation-with-upload", "checksum", "expiration", "termination",
    }  # fmt: skip
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert int(answer.headers["Tus-Max-Size"]) == 20_000_000_000


def test_a_file_sent_in_stretches_becomes_a_recording_with_what_is_known_of_it(
    client: TestClient, project_id: UUID, settings: Settings, session_maker: sessionmaker[Session]
) -> None:
    url = begin(
        client, project_id, len(BODY), filename="गाँव/a.wav", filetype="audio/wav", tag="hi-in", speaker="spk-1",
        gender="f", district="पटना", transcript="एक\nदो", priority="7",
    ).headers["Location"]  # fmt: skip
    assert send(client, url, 0, BODY[:4000]).headers["Upload-Offset"] == "4000"
    assert offset(client, url) == 4000
    last = send(client, url, 4000, BODY[4000:])
    assert last.status_code == 204
    assert last.headers["Boli-Recording-State"] == "received"
    with reading(session_maker) as session:
        recording = session.scalars(select(Recording)).one()
        speaker = session.scalars(select(Speaker)).one()
    assert (
        str(recording.id) == last.headers["Boli-Recording"] == client.head(url, headers=TUS).headers["Boli-Recording"]
    )
    assert (recording.file_name, recording.dialect, recording.district) == ("गाँव/a.wav", "hi-IN", "पटना")
    assert (recording.priority, recording.country, recording.device) == (7, None, None)
    assert recording.client_draft == {"text": "एक\nदो"}
    assert (speaker.pseudonym, speaker.gender, speaker.age_band) == ("spk-1", "female", None)
    assert recording.sha256 == hashlib.sha256(BODY).hexdigest()
    assert b"".join(open_store(settings).pieces(recording.storage_key)) == BODY
    assert list(Parts(settings.data_folder / "uploads").lying()) == []


def test_one_request_creates_and_sends(client: TestClient, project_id: UUID) -> None:
    whole = begin(client, project_id, len(BODY), body=BODY, filename="a.wav")
    assert (whole.status_code, whole.headers["Upload-Offset"]) == (201, str(len(BODY)))
    assert whole.headers["Boli-Recording"]
    part = begin(client, project_id, len(BODY) + 1, body=BODY, filename="b.wav")
    assert offset(client, part.headers["Location"]) == len(BODY)


def test_an_empty_file_is_taken_and_left_to_be_marked_as_broken(client: TestClient, project_id: UUID) -> None:
    assert begin(client, project_id, 0, filename="empty.wav").headers["Boli-Recording-State"] == "received"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_checksum_that_does_not_hold_is_refused_and_none_of_its_bytes_count(
    client: TestClient, url: str, algorithm: str
) -> None:
    assert send(client, url, 0, BODY[:1000], checksum(algorithm, BODY[:1000])).status_code == 204
    wrong = send(client, url, 1000, BODY[1000:2000], checksum(algorithm, b"other"))
    assert wrong.status_code == 460
    assert offset(client, url) == 1000
    assert send(client, url, 1000, BODY[1000:], checksum(algorithm, BODY[1000:])).headers["Boli-Recording"]


@pytest.mark.parametrize("said", ["md5 AAAA", "sha1", "sha1 !!!", "sha256 " + base64.b64encode(b"short").decode()])
def test_a_checksum_that_makes_no_sense_is_refused(client: TestClient, url: str, said: str) -> None:
    answer = send(client, url, 0, BODY, {"Upload-Checksum": said})
    assert answer.status_code == 422
    assert "sha1,sha256" in answer.json()["detail"]
    assert offset(client, url) == 0


def test_a_file_that_is_not_the_one_announced_is_refused_whole(client: TestClient, project_id: UUID) -> None:
    other = hashlib.sha256(b"other").hexdigest()
    url = begin(client, project_id, len(BODY), filename="a.wav", sha256=other).headers["Location"]
    answer = send(client, url, 0, BODY)
    assert answer.status_code == 460
    assert other in answer.json()["detail"]
    assert client.head(url, headers=TUS).status_code == 410


def test_bytes_from_a_wrong_offset_are_refused(client: TestClient, url: str) -> None:
    send(client, url, 0, BODY[:100])
    for wrong in (0, 99, 101):
        answer = send(client, url, wrong, BODY[wrong:])
        assert answer.status_code == 409
        assert "100" in answer.json()["detail"]
    assert offset(client, url) == 100


def test_more_bytes_than_announced_are_refused(client: TestClient, url: str) -> None:
    assert send(client, url, 0, BODY + b"x").status_code == 413
    assert offset(client, url) == 0


def test_the_last_request_sent_again_does_no_harm(
    client: TestClient, url: str, session_maker: sessionmaker[Session]
) -> None:
    assert send(client, url, 0, BODY).status_code == 204
    assert send(client, url, 0, BODY).status_code == 409
    assert send(client, url, len(BODY), b"").status_code == 204
    assert offset(client, url) == len(BODY)
    with reading(session_maker) as session:
        assert len(session.scalars(select(Recording.id)).all()) == 1


def test_version_media_type_and_numbers_are_asked_for(client: TestClient, project_id: UUID, url: str) -> None:
    assert client.head(url).status_code == 412
    assert client.patch(url, headers={**TUS, "Upload-Offset": "0"}, content=b"x").status_code == 415
    assert client.patch(url, headers={**TUS, **BYTES}, content=b"x").status_code == 422
    assert client.patch(url, headers={**TUS, **BYTES, "Upload-Offset": "-1"}, content=b"x").status_code == 422
    for length in ("", "x", "-1", "9" * 30):
        answer = client.post(f"/api/v1/projects/{project_id}/uploads", headers={**TUS, "Upload-Length": length})
        assert answer.status_code == 422
    deferred = client.post(f"/api/v1/projects/{project_id}/uploads", headers={**TUS, "Upload-Defer-Length": "1"})
    assert deferred.status_code == 422


def test_clients_without_patch_and_delete_send_post(client: TestClient, url: str) -> None:
    headers = {**TUS, **BYTES, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert client.post(url, headers=headers, content=BODY[:5]).headers["Upload-Offset"] == "5"
    assert client.post(url, headers={**TUS, "X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert client.head(url, headers=TUS).status_code == 410


def test_what_is_not_there_is_404_and_what_was_given_up_is_410(
    client: TestClient, project_id: UUID, url: str, settings: Settings
) -> None:
    assert client.head(f"/api/v1/tus/{new_id()}", headers=TUS).status_code == 404
    assert send(client, f"/api/v1/tus/{new_id()}", 0, b"x").status_code == 404
    assert begin(client, new_id(), 5).status_code == 404
    assert send(client, url, 0, BODY[:10]).status_code == 204
    assert client.delete(url, headers=TUS).status_code == 204
    assert client.delete(url, headers=TUS).status_code == 410
    assert send(client, url, 10, BODY[10:]).status_code == 410
    assert list((settings.data_folder / "uploads").glob("*.part")) == []


def test_a_recording_cannot_be_terminated_away(client: TestClient, url: str) -> None:
    send(client, url, 0, BODY)
    assert client.delete(url, headers=TUS).status_code == 204
    assert client.head(url, headers=TUS).headers["Boli-Recording"]


def test_an_upload_expires(client: TestClient, url: str, session_maker: sessionmaker[Session]) -> None:
    assert client.head(url, headers=TUS).headers["Upload-Expires"].endswith("GMT")
    with transaction(session_maker) as session:
        session.execute(update(Upload).values(expires_at=now() - timedelta(seconds=1)))
    assert client.head(url, headers=TUS).status_code == 410
    assert send(client, url, 0, BODY).status_code == 410


def test_a_second_request_while_one_sends_is_locked_out(client: TestClient, url: str, settings: Settings) -> None:
    upload_id = UUID(url.rpartition("/")[2])
    with Parts(settings.data_folder / "uploads").locked(upload_id):
        assert send(client, url, 0, BODY).status_code == 423
        assert client.delete(url, headers=TUS).status_code == 423
        assert offset(client, url) == 0
    assert send(client, url, 0, BODY).status_code == 204


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("filename", "Upload-Metadata"), ("filename !!", "base64"), ("filename YQ==,filename YQ==", "no key twice"),
        ("dilect aGk=", "nothing is known by the name 'dilect'"), ("filename gA==", "UTF-8"),
        ("dialect eHg=", "the catalogue has no dialect 'xx'"), ("sha256 eHg=", "64 hex digits"),
        ("priority MA==", "from 1 (soonest) to 1000"),
    ],
)  # fmt: skip
def test_metadata_that_is_wrong_is_told(client: TestClient, project_id: UUID, said: str, told: str) -> None:
    headers = {**TUS, "Upload-Length": "5", "Upload-Metadata": said}
    answer = client.post(f"/api/v1/projects/{project_id}/uploads", headers=headers)
    if said == "filename":  # a key without a value is an empty text
        assert answer.status_code == 201
        return
    assert answer.status_code == 422
    assert told in answer.json()["detail"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "etc/passwd"), ("C:\\sound\\a.wav", "C:/sound/a.wav"), ("/a.wav", "a.wav"),
        ('"a\'; DROP TABLE upload; --.wav', '"a\'; DROP TABLE upload; --.wav'), ("a\nb\0c.wav", "a\ufffdb\ufffdc.wav"),
        ("\u202egpj.wav", "\ufffdgpj.wav"), ("اردو.wav", "اردو.wav"), ("<script>.wav", "<script>.wav"),
        ("..", "recording"), ("", "recording"), ("e\u0301.wav", "é.wav"), ("x" * 600, "x" * 500),
    ],
)  # fmt: skip
def test_names_are_kept_to_be_shown_and_never_lead_anywhere(
    client: TestClient, project_id: UUID, session_maker: sessionmaker[Session], settings: Settings, name: str, kept: str
) -> None:
    assert begin(client, project_id, len(BODY), body=BODY, filename=name).status_code == 201
    with reading(session_maker) as session:
        recording = session.scalars(select(Recording)).one()
    assert recording.file_name == kept
    assert recording.storage_key == f"{project_id}/{recording.sha256}"
    stored = [path for path in (settings.data_folder / "files").rglob("*") if path.is_file()]
    assert [path.name for path in stored] == [recording.sha256]
