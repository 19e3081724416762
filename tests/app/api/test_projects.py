"""Organisations and projects over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient

ORGANISATIONS = "/api/v1/organisations"
PROJECTS = "/api/v1/projects"


def organisation(client: TestClient, name: str = "Archive") -> dict[str, Any]:
    answer = client.post(ORGANISATIONS, json={"name": name})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def project(client: TestClient, name: str = "Farm radio", **fields: Any) -> dict[str, Any]:
    owner = fields.pop("organisation_id", None) or organisation(client, f"Owner of {name}")["id"]
    answer = client.post(PROJECTS, json={"organisation_id": owner, "name": name, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_an_unknown_organisation_or_project_is_404(client: TestClient) -> None:
    for path in (ORGANISATIONS, PROJECTS):
        answer = client.get(f"{path}/{uuid4()}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["instance"].startswith(path)


def test_a_project_is_made_and_read_with_its_dialects(client: TestClient) -> None:
    made = project(client, dialects=[{"dialect": "te-IN-x-rayala", "target_hours": 40}, {"dialect": "BHO_in"}])
    assert [each["dialect"] for each in made["dialects"]] == ["bho-IN", "te-IN-x-rayala"]
    read = client.get(f"{PROJECTS}/{made['id']}")
    assert read.json() == made
    assert read.headers["etag"].startswith('"1.')


def test_a_dialect_that_the_catalogue_lacks_is_refused_by_name(client: TestClient) -> None:
    owner = organisation(client)["id"]
    answer = client.post(PROJECTS, json={"organisation_id": owner, "name": "x", "dialects": [{"dialect": "kl-GON"}]})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["field"] == "dialects.0.dialect"
    assert "kl-GON" in fault["value"]
    assert "Nearest" in fault["expected"]


def test_a_name_that_is_taken_is_a_conflict(client: TestClient) -> None:
    made = project(client)
    answer = client.post(PROJECTS, json={"organisation_id": made["organisation_id"], "name": made["name"]})
    assert answer.status_code == 409
    assert "'Farm radio'" in answer.json()["detail"]


def test_an_edit_says_which_version_it_edits(client: TestClient) -> None:
    made = project(client, dialects=[{"dialect": "hi-IN"}])
    path = f"{PROJECTS}/{made['id']}"
    etag = client.get(path).headers["etag"]
    assert client.patch(path, json={"name": "Other"}).status_code == 428
    edited = client.patch(path, json={"dialects": [{"dialect": "ta-IN"}]}, headers={"If-Match": etag})
    assert (edited.status_code, edited.json()["version"]) == (200, 2)
    assert [each["dialect"] for each in edited.json()["dialects"]] == ["ta-IN"]
    stale = client.patch(path, json={"name": "Other"}, headers={"If-Match": etag})
    assert stale.status_code == 412
    fresh = client.patch(path, json={"name": "Other"}, headers={"If-Match": edited.headers["etag"]})
    assert (fresh.status_code, fresh.json()["name"]) == (200, "Other")


def test_pages_follow_each_other_without_gap_or_repeat(client: TestClient) -> None:
    owner = organisation(client)["id"]
    names = [project(client, f"p{n}", organisation_id=owner)["name"] for n in range(7)]
    seen, cursor = [], None
    while True:
        page = client.get(PROJECTS, params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["name"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == names
