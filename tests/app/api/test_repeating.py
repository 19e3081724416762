"""POSTs under an Idempotency-Key, entity tags, and what every answer carries."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from app.api import idempotency
from app.db import transaction
from models.base import now
from models.idempotency import IdempotentAnswer

PATH = "/api/v1/organisations"
KEY = {"Idempotency-Key": "first-try"}


def names(client: TestClient) -> list[str]:
    return [item["name"] for item in client.get(PATH).json()["items"]]


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(client: TestClient) -> None:
    first = client.post(PATH, json={"name": "अभिलेख"}, headers=KEY)
    again = client.post(PATH, json={"name": "अभिलेख"}, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert names(client) == ["अभिलेख"]


def test_another_request_under_the_same_key_is_refused(client: TestClient) -> None:
    client.post(PATH, json={"name": "One"}, headers=KEY)
    answer = client.post(PATH, json={"name": "Two"}, headers=KEY)
    assert answer.status_code == 422
    assert "'first-try'" in answer.json()["detail"]
    assert names(client) == ["One"]


def test_a_request_that_failed_may_be_mended_under_its_key(client: TestClient) -> None:
    client.post(PATH, json={"name": "One"})
    assert client.post(PATH, json={"name": "One"}, headers=KEY).status_code == 409
    assert client.post(PATH, json={"name": "Two"}, headers=KEY).status_code == 201
    assert names(client) == ["One", "Two"]


def test_of_two_at_once_one_is_done_and_both_are_answered(client: TestClient) -> None:
    def send(number: int) -> tuple[int, bytes]:
        answer = client.post(PATH, json={"name": f"N{number // 4}"}, headers={"Idempotency-Key": f"k{number // 4}"})
        return answer.status_code, answer.content

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    assert {status for status, _ in answers} == {201}
    assert len({content for _, content in answers}) == 4
    assert sorted(names(client)) == ["N0", "N1", "N2", "N3"]


@pytest.mark.parametrize("key", ["", " ", "x" * 129, '""'])
def test_a_key_that_is_none_is_refused(client: TestClient, key: str) -> None:
    answer = client.post(PATH, json={"name": "One"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert names(client) == []


def test_keys_are_forgotten_after_a_day(app: FastAPI, client: TestClient) -> None:
    client.post(PATH, json={"name": "One"}, headers=KEY)
    client.post(PATH, json={"name": "Two"}, headers={"Idempotency-Key": "second"})
    with transaction(app.state.boli.sessions) as session:
        session.execute(
            update(IdempotentAnswer)
            .where(IdempotentAnswer.key == "first-try")
            .values(created_at=now() - timedelta(hours=25))
        )
    with transaction(app.state.boli.sessions) as session:
        assert idempotency.sweep(session) == 1
        assert idempotency.sweep(session) == 0
    assert client.post(PATH, json={"name": "Three"}, headers=KEY).status_code == 201


def test_what_the_client_holds_already_is_not_sent_again(client: TestClient) -> None:
    made = client.post(PATH, json={"name": "One"})
    path = f"{PATH}/{made.json()['id']}"
    etag = made.headers["etag"]
    same = client.get(path, headers={"If-None-Match": f'"other", W/{etag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    client.patch(path, json={"name": "Two"}, headers={"If-Match": etag})
    assert client.get(path, headers={"If-None-Match": etag}).json()["name"] == "Two"


@pytest.mark.parametrize("header", ["nonsense", '"x.y"', "3"])
def test_an_if_match_that_is_no_tag_of_ours_is_refused(shared_client: TestClient, header: str) -> None:
    path = f"{PATH}/{shared_client.post(PATH, json={'name': f'Owner {header}'}).json()['id']}"
    assert shared_client.patch(path, json={"name": "Two"}, headers={"If-Match": header}).status_code == 422


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        ({"name": "  "}, "name", "at least 1 character"),
        ({"name": "x" * 201}, "name", "at most 200 characters"),
        ({"name": "a\u0007b"}, "name", "U+0007"),
        ({"name": "a\ud800b"}, "name", ""),
        ({"name": 5}, "name", "valid string"),
        ({"nam": "x", "name": "y"}, "nam", "Extra inputs"),
        ({"name": "y", "max_open_uploads": -1}, "max_open_uploads", "greater than or equal to 0"),
        ({"name": "y", "max_stored_bytes": 2**63}, "max_stored_bytes", "less than or equal"),
    ],
)
def test_a_field_that_is_wrong_is_named_with_its_value_and_what_was_expected(
    shared_client: TestClient, body: dict[str, object], field: str, expected: str
) -> None:
    sent = json.dumps(body).encode("ascii")
    answer = shared_client.post(PATH, content=sent, headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    (fault,) = answer.json()["errors"]
    assert fault["field"] == field
    assert expected in fault["expected"]
    assert len(fault["value"]) < 250


def test_names_are_trimmed_and_composed(shared_client: TestClient) -> None:
    assert shared_client.post(PATH, json={"name": " Cafe\u0301 "}).json()["name"] == "Caf\u00e9"


def test_a_body_that_is_no_json_or_too_long_is_a_problem(shared_client: TestClient) -> None:
    for content, status in ((b"{", 422), (b"\xff", 400), (b'{"name": "' + b"x" * 2_000_000 + b'"}', 413)):
        for headers in ({}, KEY):
            sent = {"content-type": "application/json"} | headers
            answer = shared_client.post(PATH, content=content, headers=sent)
            assert (answer.status_code, answer.json()["status"]) == (status, status), (content[:20], headers)


def test_a_body_of_unknown_length_is_cut_off_too(shared_client: TestClient) -> None:
    answer = shared_client.post(PATH, content=iter([b"x" * 500_000] * 4), headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_a_name_of_another_machine_is_refused_as_a_problem(shared_client: TestClient) -> None:
    answer = shared_client.get(PATH, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "another machine" in answer.json()["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_answers_protect_whoever_reads_them(shared_client: TestClient) -> None:
    for path in (PATH, "/", "/docs", "/nowhere"):
        headers = shared_client.get(path, headers={"Origin": "http://evil.example"}).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers
        assert headers["x-request-id"]


def test_a_log_line_has_the_number_of_the_request_and_nobody_s_text(
    shared_client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="boli.requests"):
        shared_client.get(f"{PATH}?cursor=secret", headers={"X-Request-ID": "abc-1"})
        shared_client.get("/api/v1/secret", headers={"X-Request-ID": "bad id"})
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0].startswith("abc-1 GET ")
    assert not any("secret" in line or "bad id" in line for line in lines)
