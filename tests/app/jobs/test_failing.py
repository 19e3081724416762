"""Jobs that fail: for a passing reason, for good, and what an operator does about them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from typer.testing import CliRunner, Result

from app.cli import cli
from app.db import transaction
from app.errors import AppError
from app.jobs.failures import MOST_LETTERS, failure_of
from app.jobs.inspection import GIVE_UP_AFTER, JobNotDead, JobOver, JobRecord, JobUnknown
from app.jobs.queues import JobState, Queue
from app.jobs.upkeep import forget_ended, is_due
from models.base import now
from pipeline.errors import RecogniserFailed, RecogniserUnreachable
from tests.app.jobs.workers import Bench, wait_until


def shift(bench: Bench, key: str, age: timedelta) -> None:
    """Make a job older."""
    table = "workflow_status" if bench.engine.dialect.name == "sqlite" else "dbos.workflow_status"
    by_ms = int(age.total_seconds() * 1000)
    with transaction(bench.maker) as session:
        session.execute(
            text(
                f"UPDATE {table} SET created_at = created_at - :by, completed_at = completed_at - :by "
                "WHERE workflow_uuid = :key"
            ),
            {"by": by_ms, "key": key},
        )


def boli(*words: str) -> Result:
    return CliRunner().invoke(cli, ["jobs", *words])


def test_failing_jobs_are_tried_again_and_dead_ones_wait_for_a_person(bench: Bench) -> None:
    bench.start("worker")
    for name, action in (("passing", "third"), ("later", "pass back"), ("hopeless", "mend it"), ("old", "pass never")):
        bench.enqueue(name, action)
    bench.wait_for(JobState.DONE, "passing")
    bench.wait_for(JobState.FAILING, "later", "old")
    bench.wait_for(JobState.DEAD, "hopeless")
    assert [len(bench.starts(name)) for name in ("passing", "later", "hopeless", "old")] == [3, 3, 1, 3]
    reasons = {name: bench.jobs.find(name).reason or "" for name in ("later", "hopeless")}
    assert reasons["hopeless"] == "file 'it' is missing, expected one"
    assert reasons["later"].startswith("ConnectionResetError at workers.py:")
    assert "LATER" not in bench.log("worker")

    bench.say("back")
    shift(bench, "later", timedelta(hours=3))
    shift(bench, "old", GIVE_UP_AFTER)
    bench.wait_for(JobState.DONE, "later")
    assert {job.key for job in bench.jobs.dead()} == {"hopeless", "old"}

    bench.say("it")
    bench.jobs.retry("hopeless")
    bench.wait_for(JobState.DONE, "hopeless")
    assert sorted(name for name, _ in bench.effects()) == ["hopeless", "later", "passing"]


def test_an_operator_sees_and_steers_jobs_from_the_command_line(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("BOLI_DATABASE", bench.url), ("BOLI_DATA_FOLDER", str(bench.folder)), ("COLUMNS", "200")):
        monkeypatch.setenv(name, value)
    bench.start("worker")
    bench.enqueue("hopeless", "mend it")
    bench.enqueue("clip", "nothing", queue=Queue.CLIP)
    bench.wait_for(JobState.DEAD, "hopeless")
    shown = json.loads(boli("dead", "--format", "json").stdout)
    assert [(job["key"], job["ids"], job["n_starts"]) for job in shown] == [("hopeless", ["hopeless", "mend it"], 1)]
    table = boli("list", "--state", "waiting", "--state", "dead").stdout
    assert "clip" in table
    assert "file 'it' is missing, expected one" in table
    assert boli("cancel", "clip").stdout == "clip: cancelled\n"
    bench.say("it")
    assert boli("retry", "--all").stdout == "hopeless: waits again\n"
    bench.wait_for(JobState.DONE, "hopeless")
    unknown = boli("retry", "nobody")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert unknown.stderr.startswith("boli jobs retry: there is no job 'nobody'")
    assert boli("retry").exit_code == 1


def test_only_jobs_in_a_fitting_state_are_retried_or_cancelled(bench: Bench) -> None:
    bench.enqueue("waiting", "nothing")
    with pytest.raises(JobNotDead, match="'waiting' is waiting"):
        bench.jobs.retry("waiting")
    with pytest.raises(JobUnknown, match="'nobody'"):
        bench.jobs.cancel("nobody")
    bench.start("worker")
    bench.wait_for(JobState.DONE, "waiting")
    with pytest.raises(JobOver, match="done already"):
        bench.jobs.cancel("waiting")
    bench.enqueue("failing", "pass never")
    bench.wait_for(JobState.FAILING, "failing")
    bench.jobs.cancel("failing")  # otherwise the sweep would try it again
    bench.wait_for(JobState.CANCELLED, "failing")


def test_finished_jobs_are_forgotten_after_a_while(bench: Bench) -> None:
    bench.start("worker")
    names = ["old", "new", "old-and-dead"]
    for name in names:
        bench.enqueue(name, "mend it" if name == "old-and-dead" else "nothing")
    bench.wait_for(JobState.DONE, "old", "new")
    bench.wait_for(JobState.DEAD, "old-and-dead")
    for name in ("old", "old-and-dead"):
        shift(bench, name, timedelta(days=8))
    wait_until(lambda: len(bench.jobs.list()) == 2, "the sweep had forgotten the one")
    assert {job.key for job in bench.jobs.list()} == {"new", "old-and-dead"}
    forget_ended(bench.engine, ["SUCCESS"], before=now() + timedelta(seconds=5))
    assert {job.key for job in bench.jobs.list()} == {"old-and-dead"}


@pytest.mark.parametrize(
    ("age_min", "waited_min", "due"),
    [(0, 0.5, False), (0, 1.1, True), (60, 29, False), (60, 31, True), (60 * 24, 59, False), (60 * 24, 61, True)],
)
def test_a_failing_job_waits_half_its_age_but_a_minute_at_least_and_an_hour_at_most(
    age_min: float, waited_min: float, due: bool
) -> None:
    created = now()
    finished = created + timedelta(minutes=age_min)
    job = JobRecord(
        key="job", name="job", queue=Queue.INGEST, ids=(), state=JobState.FAILING, reason="", priority=100, n_starts=1,
        created_at=created, started_at=created, finished_at=finished,
    )  # fmt: skip
    assert is_due(job, finished + timedelta(minutes=waited_min)) is due


def test_a_reason_quotes_nothing_that_we_did_not_write() -> None:
    engine = sqlalchemy.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (name TEXT UNIQUE)"))
        connection.execute(text("INSERT INTO t VALUES ('a secret')"))
        with pytest.raises(IntegrityError) as raised:
            connection.execute(text("INSERT INTO t VALUES (:name)"), {"name": "a secret"})
    engine.dispose()
    assert "secret" in str(raised.value)
    failure = failure_of(raised.value)
    assert failure.reason.startswith("sqlalchemy.exc.IntegrityError at test_failing.py:")
    assert "secret" not in failure.reason
    assert failure.is_retryable


def test_a_reason_is_one_short_line() -> None:
    reason = failure_of(AppError("first\n\x1b[31msecond " + "x" * 2000)).reason
    assert reason.startswith("first  [31msecond xx")
    assert len(reason) == MOST_LETTERS


@pytest.mark.parametrize(
    ("error", "is_retryable"),
    [
        (AppError("no"), False),
        (RecogniserFailed("no"), False),
        (RecogniserUnreachable("no"), True),
        (OSError(28, "No space left on device", "/secret"), True),
    ],
)
def test_errors_tell_whether_trying_again_may_help(error: Exception, is_retryable: bool) -> None:
    failure = failure_of(error)
    assert failure.is_retryable is is_retryable
    assert "secret" not in failure.reason
