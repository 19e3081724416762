"""The status page counts jobs where they lie, however many there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.db import reading, transaction
from app.jobs.engine import enqueue
from app.jobs.inspection import Jobs
from app.jobs.queues import JobState, Queue
from app.main import create_app
from app.settings import Settings

N_WAITING = 4


@pytest.mark.parametrize("url", ["sqlite_url", "postgresql_url"])
def test_open_jobs_are_counted_by_state_up_to_a_bound(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    app = create_app(Settings(data_folder=tmp_path / "data", database=request.getfixturevalue(url)))
    table = "workflow_status" if url == "sqlite_url" else "dbos.workflow_status"
    ended = {"runs": "PENDING", "done": "SUCCESS", "died": "MAX_RECOVERY_ATTEMPTS_EXCEEDED"}
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert "none" in client.get("/").text
        with transaction(app.state.boli.sessions) as session:
            for key in (*map(str, range(N_WAITING)), *ended):
                enqueue(session, "ingest", [key], key=key, queue=Queue.INGEST)
            enqueue(session, "ingest", ["later"], key="later", queue=Queue.INGEST, delay_s=3600)
            for key, status in ended.items():
                session.execute(
                    text(f"UPDATE {table} SET status = :status WHERE workflow_uuid = :key"),
                    {"status": status, "key": key},
                )
        assert f"1 dead, 1 delayed, 1 running, {N_WAITING} waiting" in client.get("/").text
        with reading(app.state.boli.sessions) as session:
            few = Jobs(app.state.boli.engine).n_open(session, at_most=2)
        assert (few[JobState.WAITING], few[JobState.RUNNING], few[JobState.FAILING]) == (2, 1, 0)
