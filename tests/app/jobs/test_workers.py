"""Workers: the one of a data folder, those that end, and the one that sweeps for all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from app.db import transaction
from app.jobs import heartbeats
from app.jobs.context import JobContext
from app.jobs.engine import N_LIVES
from app.jobs.queues import JobState, Queue
from app.jobs.registry import SWEEPS
from app.jobs.sweeper import sweep_if_first
from app.storage import open_store
from models.base import now
from models.worker import WorkerHeartbeat
from tests.app.jobs.workers import PATIENT, Bench, wait_until

ROOT = Path(__file__).resolve().parents[3]


def test_the_worker_of_a_data_folder_goes_on_at_once_after_a_crash(bench: Bench) -> None:
    """Though its heartbeat looks alive for another minute."""
    first = bench.start_embedded("first")
    bench.enqueue("job", "wait go")
    bench.wait_for_start("job")
    second = bench.start_embedded("second")
    second.join(timeout=60)
    assert second.exitcode == 1  # refused: the folder has its worker
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    bench.say("go")
    bench.start_embedded("third")
    bench.wait_for(JobState.DONE, "job")
    assert bench.starts("job") == ["first", "third"]


def test_the_worker_of_a_data_folder_ends_with_the_process_that_started_it(sqlite_url: str, tmp_path: Path) -> None:
    worker = "from app.jobs.embedded import run_embedded_worker; from app.settings import Settings; import sys;"
    worker += (
        "from pathlib import Path; run_embedded_worker(Settings(data_folder=Path(sys.argv[1]), database=sys.argv[2]))"
    )
    parent = (
        "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', *sys.argv[1:]]);"
        "print(child.pid, flush=True); time.sleep(300)"
    )
    command = [sys.executable, "-c", parent, worker, str(tmp_path), sqlite_url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        wait_until((tmp_path / "worker.id").exists, "the worker had its folder")
        process.kill()
    wait_until(lambda: not is_running(child), "the worker had ended")


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_worker_that_is_told_to_end_lets_jobs_finish_and_leaves_no_trace(bench: Bench) -> None:
    worker = bench.start("worker", rhythm=PATIENT)
    bench.enqueue("job", "watch")
    bench.wait_for_start("job")
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGTERM)
    worker.join(timeout=30)
    assert worker.exitcode == 0
    assert (bench.folder / "job.saw").exists()
    assert bench.state("job") is JobState.WAITING
    with transaction(bench.maker) as session:
        assert session.execute(text("SELECT count(*) FROM worker_heartbeat")).scalar() == 0


def test_workers_are_alive_as_long_as_they_are_heard_of(bench: Bench) -> None:
    with transaction(bench.maker) as session:
        heartbeats.beat(session, "b-lives", [Queue.DRAFT])
        heartbeats.beat(session, "a-silent", [Queue.DRAFT])
        heartbeats.beat(session, "c-silent", [Queue.DRAFT])
        heartbeats.beat(session, "b-lives", [Queue.DRAFT])
    with transaction(bench.maker) as session:
        silent = update(WorkerHeartbeat).where(WorkerHeartbeat.executor_id.like("%silent"))
        session.execute(silent.values(seen_at=now() - timedelta(seconds=61)))
    with transaction(bench.maker) as session:
        assert heartbeats.live_workers(session, dead_after_s=60) == ["b-lives"]
        assert heartbeats.live_workers(session, dead_after_s=120) == ["a-silent", "b-lives", "c-silent"]
        heartbeats.forget_dead(session, dead_after_s=60, but=["c-silent"])
        assert heartbeats.live_workers(session, dead_after_s=120) == ["b-lives", "c-silent"]


def test_one_worker_sweeps_for_all_and_a_sweep_that_fails_stops_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[str] = []

    def fail(_context: JobContext) -> None:
        raise OSError

    for name in list(SWEEPS):
        monkeypatch.delitem(SWEEPS, name)
    monkeypatch.setitem(SWEEPS, "fails", fail)
    monkeypatch.setitem(SWEEPS, "works", lambda _context: swept.append("works"))
    context = JobContext(bench.settings, bench.maker, open_store(bench.settings))
    with transaction(bench.maker) as session:
        heartbeats.beat(session, "a", [])
        heartbeats.beat(session, "b", [])
    sweep_if_first(context, "b", dead_after_s=60)
    assert swept == []
    sweep_if_first(context, "a", dead_after_s=60)
    assert swept == ["works"]


def test_a_job_that_no_worker_knows_waits_for_one_that_does(bench: Bench) -> None:
    """As after a deploy of the web process alone: no claim of one that does not know it counts as a life."""
    ignorant = bench.start("ignorant")
    bench.enqueue("job", "nothing", kind="newer")
    refused = "job is of a kind that this worker does not know"
    wait_until(lambda: bench.log("ignorant").count(refused) > N_LIVES, "the job went back more often than it has lives")
    bench.enqueue("other", "nothing")
    bench.wait_for(JobState.DONE, "other")
    assert bench.jobs.find("job").n_starts <= 1  # 1: just now claimed again
    assert bench.jobs.dead() == []
    bench.start("newer")
    bench.wait_for(JobState.DONE, "job")
    assert ignorant.is_alive()
    assert sorted(bench.effects()) == [("job", "newer"), ("other", bench.starts("other")[0])]
    assert bench.starts("job") == ["newer"]
