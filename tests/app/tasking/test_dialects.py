"""A corrected dialect: drafts, tasks and counts follow, and what was stays on record."""

from __future__ import annotations

from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select

from app.tasking.dialects import correct_dialect, is_drafted_alike
from models.recording import DialectChange, Recording, RecordingState
from models.task import Task, TaskState
from pipeline.errors import UnknownDialect
from tests.flow import Flow, phrases


def correct(flow: Flow, recording_id: UUID, dialect: str | None) -> None:
    with flow.sessions.begin() as session:
        recording = session.get_one(Recording, recording_id)
        correct_dialect(session, recording, dialect, "operator", "the speaker says so", enqueue=flow.enqueue)


def changes(flow: Flow) -> list[tuple[str | None, str | None, str, str]]:
    with flow.sessions() as session:
        rows = session.scalars(select(DialectChange).order_by(DialectChange.created_at)).all()
    return [(row.before, row.after, row.author, row.reason) for row in rows]


def test_another_language_is_drafted_anew_beside_the_old_drafts(flow: Flow, tmp_path: Path) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 3))
    flow.run()
    before = {each.id for each in flow.drafts(recording_id)}
    correct(flow, recording_id, "ta-in")
    assert flow.recording(recording_id).state is RecordingState.SEGMENTED
    flow.run()
    drafts = flow.drafts(recording_id)
    assert before < {each.id for each in drafts}
    assert sorted(str(each.language) for each in drafts) == ["hi"] * 3 + ["ta"] * 3
    assert [(task.dialect, len(segments)) for task, segments in flow.tasks()] == [("ta-IN", 3)]
    assert [task.dialect for task, _ in flow.tasks(TaskState.CANCELLED)] == ["hi-IN"]
    assert changes(flow) == [("hi-IN", "ta-IN", "operator", "the speaker says so")]
    assert flow.recording(recording_id).state is RecordingState.READY


def test_a_dialect_drafted_alike_keeps_its_drafts_and_moves_its_tasks(flow: Flow, tmp_path: Path) -> None:
    assert is_drafted_alike("te-IN", "te-IN-x-rayala")
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 3), dialect="te-IN")
    flow.run()
    correct(flow, recording_id, "te-IN-x-rayala")
    flow.run()
    assert len(flow.drafts(recording_id)) == 3
    assert [task.dialect for task, _ in flow.tasks()] == ["te-IN-x-rayala"]


def test_a_neighbour_in_the_task_goes_into_another_of_its_own_dialect(flow: Flow, tmp_path: Path) -> None:
    project = flow.project()
    moved, stays = (flow.receive(project, phrases(tmp_path, 2, seed=seed)) for seed in (1, 2))
    flow.run()
    assert len(flow.tasks()) == 1
    correct(flow, moved, "ta-IN")
    flow.run()
    assert {task.dialect: set(segments) for task, segments in flow.tasks()} == {
        "hi-IN": {each.id for each in flow.segments(stays)},
        "ta-IN": {each.id for each in flow.segments(moved)},
    }
    assert flow.recording(stays).state is RecordingState.READY


@pytest.mark.parametrize("state", [TaskState.CLAIMED, TaskState.DONE])
def test_a_task_that_somebody_has_stays_with_them(flow: Flow, tmp_path: Path, state: TaskState) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 2))
    flow.run()
    with flow.sessions.begin() as session:
        session.scalars(select(Task)).one().state = state
    correct(flow, recording_id, "ta-IN")
    flow.run()
    assert [(task.dialect, task.state) for task, _ in flow.tasks()] == [("hi-IN", state)]
    recording = flow.recording(recording_id)
    assert (recording.dialect, recording.state) == ("ta-IN", RecordingState.READY)


def test_correcting_twice_is_harmless_and_back_again_needs_no_new_drafts(flow: Flow, tmp_path: Path) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 2))
    flow.run()
    for dialect in ("hi-IN", "ta-IN", "ta-IN", "hi-IN"):
        correct(flow, recording_id, dialect)
        flow.run()
    assert len(changes(flow)) == 2
    assert len(flow.drafts(recording_id)) == 4
    assert [task.dialect for task, _ in flow.tasks()] == ["hi-IN"]
    assert flow.recording(recording_id).state is RecordingState.READY


def test_a_dialect_that_turns_out_unknown_leaves_segments_to_people(flow: Flow, tmp_path: Path) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 2), dialect=None)
    flow.run()
    assert flow.drafts(recording_id) == []
    correct(flow, recording_id, "bn-IN")
    flow.run()
    assert len(flow.drafts(recording_id)) == 2
    correct(flow, recording_id, None)
    flow.run()
    assert [task.dialect for task, _ in flow.tasks()] == [None]


def test_a_dialect_is_corrected_before_its_recording_is_taken_in(flow: Flow, tmp_path: Path) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 2))
    correct(flow, recording_id, "ta-IN")
    flow.run()
    assert [each.language for each in flow.drafts(recording_id)] == ["ta", "ta"]


def test_a_dialect_that_the_catalogue_lacks_is_refused(flow: Flow, tmp_path: Path) -> None:
    recording_id = flow.receive(flow.project(), phrases(tmp_path, 1))
    with pytest.raises(UnknownDialect, match="xx-YY"):
        correct(flow, recording_id, "xx-YY")
    assert flow.recording(recording_id).dialect == "hi-IN"


@pytest.mark.parametrize("seed", range(2))
def test_whatever_dies_the_way_of_recordings_ends_with_each_segment_in_one_task(
    flow: Flow, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    project = flow.project()
    ids = [
        flow.receive(
            project, phrases(tmp_path, random.randrange(5), seed=each), dialect=random.choice(("hi-IN", "ta-IN"))
        )
        for each in range(6)
    ]
    n_crashes = flow.run_crashing(random)
    for recording_id in ids[:3]:
        correct(flow, recording_id, "bn-IN")
    n_crashes += flow.run_crashing(random)
    assert n_crashes > 3
    for recording_id in ids:
        recording = flow.recording(recording_id)
        assert recording.state in (RecordingState.READY, RecordingState.DUPLICATE)
        segments = [each.id for each in flow.segments(recording_id)]
        of_dialect = [draft.segment_id for draft in flow.drafts(recording_id) if draft.dialect == recording.dialect]
        assert sorted(of_dialect) == sorted(segments)
        placed = [segment for _, held in flow.tasks() for segment in held if segment in segments]
        assert sorted(placed) == sorted(segments)
