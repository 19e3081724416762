"""Tasks of two to five minutes: each segment in exactly one, in whatever order recordings come and workers die."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.jobs.errands import ask, insist_on_missed, tasking
from app.jobs.queues import JobName
from app.tasking.queries import missed_kinds
from app.tasking.service import make_tasks
from models.base import new_id, now
from models.project import Project
from models.recording import Recording, RecordingState
from models.segment import Segment
from models.speaker import Speaker
from models.upload import Upload
from tests.factories import add_recording, add_replacement, add_segment
from tests.flow import Flow


def add_drafted(session: Session, project: Project, *lengths_ms: int, **columns: object) -> Recording:
    """A drafted recording with segments of these lengths."""
    recording = add_recording(session, project_id=project.id, **{"state": RecordingState.DRAFTED} | columns)
    start_ms = 0
    for length_ms in lengths_ms:
        add_segment(session, recording.id, start_ms=start_ms, end_ms=start_ms + length_ms)
        start_ms += length_ms + 500
    return recording


def drafted(flow: Flow, project: Project, *lengths_ms: int, **columns: object) -> UUID:
    """The same, with the job that follows."""
    with flow.sessions.begin() as session:
        recording = add_drafted(session, project, *lengths_ms, **columns)
        session.flush()
        ask(session, tasking(project.id, recording.dialect), enqueue=flow.enqueue)
        return recording.id


def seconds(flow: Flow) -> list[float]:
    return sorted(task.duration_ms / 1000 for task, _ in flow.tasks())


def test_a_long_recording_becomes_runs_in_order(flow: Flow) -> None:
    recording_id = drafted(flow, flow.project(), *[8_000] * 75)
    flow.run()
    tasks = flow.tasks()
    assert [task.duration_ms for task, _ in tasks] == [200_000] * 3
    assert [segment for _, segments in tasks for segment in segments] == [
        each.id for each in flow.segments(recording_id)
    ]
    assert flow.recording(recording_id).state is RecordingState.READY


def test_short_recordings_of_one_speaker_share_a_task(flow: Flow) -> None:
    project = flow.project()
    speakers = [new_id(), new_id()]
    flow.change(
        lambda session: session.add_all(
            Speaker(id=each, project_id=project.id, pseudonym=str(each)) for each in speakers
        )
    )
    for speaker_id in (*speakers, None) * 5:
        drafted(flow, project, 10_000, 15_000, 25_000, speaker_id=speaker_id)
    flow.run()
    assert seconds(flow) == [250, 250, 250]


def test_dialects_and_projects_are_never_mixed(flow: Flow) -> None:
    projects = [flow.project(), flow.project()]
    for project in projects:
        for dialect in ("hi-IN", "ta-IN", None):
            drafted(flow, project, 30_000, 30_000, dialect=dialect)
    flow.run()
    assert len(flow.tasks()) == 6
    assert {(task.project_id, task.dialect) for task, _ in flow.tasks()} == {
        (project.id, dialect) for project in projects for dialect in ("hi-IN", "ta-IN", None)
    }


def test_too_little_waits_while_more_is_coming(flow: Flow) -> None:
    project = flow.project()
    coming = flow.change(lambda session: add_recording(session, project_id=project.id)).id
    first = drafted(flow, project, 30_000)
    flow.run()
    assert flow.tasks() == []
    assert flow.recording(first).state is RecordingState.DRAFTED
    with flow.sessions.begin() as session:
        session.get_one(Recording, coming).state = RecordingState.DRAFTED
        add_segment(session, coming, end_ms=20_000)
        ask(session, tasking(project.id, "hi-IN"), enqueue=flow.enqueue)
    flow.run()
    assert seconds(flow) == [50]
    assert {flow.recording(each).state for each in (first, coming)} == {RecordingState.READY}


def test_too_little_waits_while_a_file_is_received_but_not_for_ever(flow: Flow) -> None:
    project = flow.project()
    tomorrow = now() + timedelta(days=1)
    flow.change(
        lambda session: session.add(
            Upload(project_id=project.id, file_name="a", size_bytes=9, facts={}, expires_at=tomorrow)
        )
    )
    recording_id = drafted(flow, project, 30_000)
    flow.run()
    assert flow.tasks() == []
    long_ago = now() - timedelta(minutes=11)
    with flow.sessions.begin() as session:
        session.execute(update(Recording).where(Recording.id == recording_id).values(updated_at=long_ago))
        missed = [tasking(*kind) for kind in missed_kinds(session, before=now() - timedelta(minutes=10))]
        insist_on_missed(
            session, JobName.TASKS, missed, enqueue=flow.enqueue, at=now() + timedelta(minutes=10)
        )  # fmt: skip
    flow.run()
    assert seconds(flow) == [30]


def test_a_task_is_as_urgent_as_the_most_urgent_recording_in_it(flow: Flow) -> None:
    due_at = datetime(2026, 12, 24, tzinfo=UTC)
    project = flow.project(due_at=datetime(2027, 1, 1, tzinfo=UTC))
    drafted(flow, project, 20_000, priority=50)
    drafted(flow, project, 20_000, due_at=due_at)
    flow.run()
    ((task, _),) = flow.tasks()
    assert (task.priority, task.due_at, task.n_segments) == (50, due_at, 2)


def test_segments_that_were_replaced_lie_in_no_new_task(flow: Flow) -> None:
    project = flow.project()
    with flow.sessions.begin() as session:
        recording = add_drafted(session, project, 10_000, 10_000)
        session.flush()
        old = session.query(Segment).filter_by(recording_id=recording.id, start_ms=0).one()
        new = add_segment(session, recording.id, end_ms=9_000)
        session.flush()
        add_replacement(session, new.id, old.id)
    make_tasks(flow.context, project.id, "hi-IN")
    assert seconds(flow) == [19]


def test_making_tasks_side_by_side_puts_no_segment_into_two(flow: Flow) -> None:
    project = flow.project()
    ids = [drafted(flow, project, *[9_000] * 20) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: make_tasks(flow.context, project.id, "hi-IN"), range(8)))
    placed = Counter(segment for _, segments in flow.tasks() for segment in segments)
    assert placed == Counter(each.id for recording_id in ids for each in flow.segments(recording_id))


@pytest.mark.parametrize("seed", range(4))
def test_in_any_order_and_whatever_dies_each_segment_lies_in_one_task(flow: Flow, seed: int) -> None:
    random = Random(seed)
    projects = [flow.project(), flow.project()]
    ids = []
    for _ in range(14):
        n_segments = random.choice((0, 1, 3, 8, 60))
        lengths_ms = [random.randrange(1_000, 30_000) for _ in range(n_segments)]
        ids.append(drafted(flow, random.choice(projects), *lengths_ms, dialect=random.choice(("hi-IN", "ta-IN"))))
        if random.random() < 0.5:
            flow.run_crashing(random)
    flow.run_crashing(random)
    placed = Counter(segment for _, segments in flow.tasks() for segment in segments)
    assert placed == Counter(each.id for recording_id in ids for each in flow.segments(recording_id))
    assert {flow.recording(each).state for each in ids} == {RecordingState.READY}
    assert all(length <= 300 for length in seconds(flow))
    long = [task for task, segments in flow.tasks() if task.duration_ms >= 120_000]
    assert long
