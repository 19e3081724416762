"""What the job engine must keep, whatever version of it: real processes, killed and frozen, on both databases."""

from __future__ import annotations

import os
import signal
from multiprocessing.process import BaseProcess

import pytest
from sqlalchemy import text

from app.db import transaction
from app.jobs.engine import N_LIVES, enqueue
from app.jobs.queues import JobState, Queue
from tests.app.jobs.workers import FAST, PATIENT, Bench, wait_until


def send(process: BaseProcess, number: signal.Signals) -> None:
    assert process.pid is not None
    os.kill(process.pid, number)


def test_jobs_of_a_killed_worker_are_done_by_others_once_in_effect(bench: Bench) -> None:
    """By one that ran beside it, and by one that was started afterwards under another id."""
    names = [f"job-{n}" for n in range(4)]
    first = bench.start("first")
    for name in names:
        bench.enqueue(name, "wait go")
    for name in names:
        bench.wait_for_start(name)
    second = bench.start("second")
    send(first, signal.SIGKILL)
    for name in names:
        bench.wait_for_start(name, n=2)
    send(second, signal.SIGKILL)
    bench.say("go")
    bench.start("third")
    bench.wait_for(JobState.DONE, *names)
    assert sorted(bench.effects()) == [(name, "third") for name in names]
    assert [bench.starts(name) for name in names] == [["first", "second", "third"]] * len(names)


def test_a_worker_that_slept_can_write_nothing_when_it_wakes(bench: Bench) -> None:
    sleeper = bench.start("sleeper")
    bench.enqueue("job", "wait go")
    bench.wait_for_start("job")
    bench.freeze(sleeper)
    bench.start("other")
    bench.wait_for_start("job", n=2)
    bench.say("go-sleeper")
    send(sleeper, signal.SIGCONT)
    wait_until(lambda: "job is no longer ours" in bench.log("sleeper"), "the sleeper was refused")
    assert bench.effects() == []
    bench.say("go-other")
    bench.wait_for(JobState.DONE, "job")
    assert bench.effects() == [("job", "other")]


def test_a_job_that_kills_its_workers_is_dead_in_the_end(bench: Bench) -> None:
    bench.enqueue("poison", "die")
    for n in range(1, N_LIVES + 1):
        victim = bench.start_embedded(f"victim-{n}")  # the same id each time: what it left is taken up at once
        bench.wait_for_start("poison", n=n)
        victim.join(timeout=20)
        assert victim.exitcode == -signal.SIGKILL
    bench.start_embedded("survivor")
    bench.wait_for(JobState.DEAD, "poison")
    bench.enqueue("sound", "nothing")
    bench.wait_for(JobState.DONE, "sound")
    assert len(bench.starts("poison")) == N_LIVES
    assert [(job.key, job.reason) for job in bench.jobs.dead()] == [("poison", "3 workers ended while they ran it")]


def test_two_workers_on_one_queue_begin_each_job_once(bench: Bench) -> None:
    names = [f"job-{n}" for n in range(40)]
    for name in names:
        bench.enqueue(name, "nothing")
    for worker in ("first", "second"):
        bench.start(worker, rhythm=PATIENT)
    bench.wait_for(JobState.DONE, *names)
    assert sorted(name for name, _ in bench.effects()) == sorted(names)
    assert {len(bench.starts(name)) for name in names} == {1}


def test_a_deploy_takes_up_what_waits_and_what_the_old_code_had_begun(bench: Bench) -> None:
    old = bench.start("old-code", Queue.DRAFT, rhythm=PATIENT)
    bench.enqueue("begun", "wait go", queue=Queue.DRAFT)
    bench.enqueue("waiting", "nothing", queue=Queue.DRAFT)
    bench.wait_for_start("begun")
    send(old, signal.SIGTERM)
    old.join(timeout=20)
    assert old.exitcode == 0
    assert (bench.state("begun"), bench.state("waiting")) == (JobState.WAITING, JobState.WAITING)
    bench.say("go")
    bench.start("new-code", Queue.DRAFT, rhythm=PATIENT)
    bench.wait_for(JobState.DONE, "begun", "waiting")
    assert sorted(bench.effects()) == [("begun", "new-code"), ("waiting", "new-code")]


def test_urgent_jobs_come_first(bench: Bench) -> None:
    for name, priority in (("usual", 100), ("late", 200), ("retake", 10), ("usual-too", 100)):
        bench.enqueue(name, "nothing", queue=Queue.DRAFT, priority=priority)
    bench.start("worker", Queue.DRAFT)
    bench.wait_for(JobState.DONE, "usual", "late", "retake", "usual-too")
    assert [name for name, _ in bench.effects()] == ["retake", "usual", "usual-too", "late"]


def test_a_worker_takes_from_its_queues_alone(bench: Bench) -> None:
    bench.enqueue("draft", "nothing", queue=Queue.DRAFT)
    bench.enqueue("clip", "nothing", queue=Queue.CLIP)
    bench.start("drafter", Queue.DRAFT)
    bench.wait_for(JobState.DONE, "draft")
    assert bench.state("clip") is JobState.WAITING


def test_a_job_is_enqueued_with_its_transaction_or_not_at_all(bench: Bench) -> None:
    def change_state() -> None:
        with transaction(bench.maker) as session:
            enqueue(session, "effect", ["never", "nothing"], key="never", queue=Queue.INGEST)
            session.execute(text("INSERT INTO effect VALUES ('state', 'changed')"))
            raise MemoryError

    with pytest.raises(MemoryError):
        change_state()
    for _ in range(2):
        with transaction(bench.maker) as session:
            for _ in range(2):
                enqueue(session, "effect", ["once", "nothing"], key="once", queue=Queue.INGEST)
    worker = bench.start("worker", rhythm=PATIENT)
    bench.wait_for(JobState.DONE, "once")
    bench.enqueue("once", "nothing")  # known and done: nothing happens
    bench.enqueue("last", "nothing")
    bench.wait_for(JobState.DONE, "last")
    send(worker, signal.SIGTERM)
    worker.join(timeout=20)
    assert [name for name, _ in bench.effects()] == ["once", "last"]
    assert bench.starts("once") == ["worker"]
    assert [job.key for job in bench.jobs.list()] == ["last", "once"]


def test_cancelled_jobs_stop_and_write_nothing(bench: Bench) -> None:
    bench.start("worker", Queue.DRAFT, Queue.INGEST, rhythm=FAST)
    bench.enqueue("watching", "watch")
    bench.enqueue("deaf", "wait go")
    bench.enqueue("occupant", "wait go", queue=Queue.DRAFT)
    bench.wait_for_start("watching")
    bench.wait_for_start("deaf")
    bench.wait_for_start("occupant")
    bench.enqueue("waiting", "nothing", queue=Queue.DRAFT)
    for name in ("watching", "deaf", "waiting"):
        bench.jobs.cancel(name)
    wait_until((bench.folder / "watching.saw").exists, "the job saw that it was cancelled")
    bench.say("go")
    bench.wait_for(JobState.DONE, "occupant")
    wait_until(lambda: "deaf is no longer ours" in bench.log("worker"), "the deaf one was refused")
    bench.enqueue("last", "nothing", queue=Queue.DRAFT)
    bench.wait_for(JobState.DONE, "last")
    assert [name for name, _ in bench.effects()] == ["occupant", "last"]
    bench.wait_for(JobState.CANCELLED, "watching", "deaf", "waiting")
    bench.jobs.retry("waiting")
    bench.wait_for(JobState.DONE, "waiting")
