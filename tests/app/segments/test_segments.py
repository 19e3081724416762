"""Edits of segments on real databases: what is written, what is refused, how tasks follow, at once and in turn."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session, sessionmaker

from app.db import transaction
from app.errors import AppError, NotFound
from app.segments.queries import connected_group, current_segments, segments_of_task
from app.segments.service import EditImpossible, SegmentReplaced, merge_segments, move_edge, split_segment
from app.segments.tasks import TaskTaken
from models.base import new_id
from models.recording import Recording
from models.segment import Segment, SegmentReplacement
from models.task import Task, TaskStage, TaskState
from pipeline.segment_edits import Edge
from tests.factories import add_recording, add_segment, add_task

Maker = sessionmaker[Session]


@pytest.fixture
def recording_id(session_maker: Maker) -> UUID:
    """A recording of 20 s with five segments of 4 s."""
    with transaction(session_maker) as session:
        recording = add_recording(session, duration_ms=20_000)
        for start_ms in range(0, 20_000, 4_000):
            add_segment(session, recording.id, start_ms=start_ms, end_ms=start_ms + 4_000)
        return recording.id


def ids(session: Session, recording_id: UUID) -> list[UUID]:
    return [segment.id for segment in current_segments(session, recording_id)]


def task_of(session: Session, recording_id: UUID, *places: int, **columns: object) -> Task:
    """A task of the segments at these places."""
    standing = current_segments(session, recording_id)
    recording = session.get_one(Recording, recording_id)
    task = add_task(session, recording.project_id, [standing[place] for place in places], **columns)
    session.flush()
    return task


def held(session: Session, task: Task) -> list[UUID]:
    return [segment.id for segment in segments_of_task(session, task.id)]


def test_a_split_writes_two_segments_that_replace_one(session_maker: Maker, recording_id: UUID) -> None:
    with transaction(session_maker) as session:
        first, *others = ids(session, recording_id)
        made = split_segment(session, recording_id, first, at_ms=1_500, author="asha")
    with session_maker() as session:
        assert [(each.start_ms, each.end_ms, each.author) for each in made] == [
            (0, 1_500, "asha"),
            (1_500, 4_000, "asha"),
        ]
        assert ids(session, recording_id) == [*(each.id for each in made), *others]
        links = session.execute(select(SegmentReplacement.segment_id, SegmentReplacement.replaced_id)).all()
        assert {tuple(link) for link in links} == {(each.id, first) for each in made}
        assert session.get(Segment, first) is not None


def test_a_moved_edge_connects_only_what_shares_time(session_maker: Maker, recording_id: UUID) -> None:
    with transaction(session_maker) as session:
        before, after, *_ = ids(session, recording_id)
        left, right = move_edge(session, recording_id, before, edge=Edge.END, to_ms=5_000, author="a")
        links = session.execute(select(SegmentReplacement.segment_id, SegmentReplacement.replaced_id)).all()
        assert {tuple(link) for link in links} == {(left.id, before), (left.id, after), (right.id, after)}
        group = connected_group(session, before)
        assert [each.id for each in group.current] == [left.id, right.id]
        assert [each.id for each in group.replaced] == [before, after]


def test_an_edit_of_a_replaced_segment_names_what_stands_there(session_maker: Maker, recording_id: UUID) -> None:
    with transaction(session_maker) as session:
        first, second, *_ = ids(session, recording_id)
        (whole,) = merge_segments(session, recording_id, [first, second], author="a")
        told = f"no longer stands: {whole.id} stand in its place"
        with pytest.raises(SegmentReplaced, match=told):
            split_segment(session, recording_id, first, at_ms=1_000, author="a")
        with pytest.raises(SegmentReplaced, match=told):
            merge_segments(session, recording_id, [whole.id, second], author="a")
        with pytest.raises(SegmentReplaced, match=told):
            move_edge(session, recording_id, second, edge=Edge.END, to_ms=9_000, author="a")


def test_what_is_not_there_or_of_another_recording_is_not_found(session_maker: Maker, recording_id: UUID) -> None:
    with transaction(session_maker) as session:
        other = add_recording(session)
        foreign = add_segment(session, other.id)
        session.flush()
        for wrong in (foreign.id, new_id()):
            with pytest.raises(NotFound, match=f"recording {recording_id} has no segment {wrong}"):
                split_segment(session, recording_id, wrong, at_ms=1_000, author="a")
        with pytest.raises(NotFound):
            split_segment(session, new_id(), foreign.id, at_ms=1_000, author="a")


def test_segments_of_two_channels_are_not_merged(session_maker: Maker, recording_id: UUID) -> None:
    with transaction(session_maker) as session:
        first = ids(session, recording_id)[0]
        other = add_segment(session, recording_id, channel=1)
        session.flush()
        with pytest.raises(EditImpossible, match=r"expected segments of one channel, got \[0, 1\]"):
            merge_segments(session, recording_id, [first, other.id], author="a")
        with pytest.raises(EditImpossible, match=r"expected segments of one channel, got \[\]"):
            merge_segments(session, recording_id, [], author="a")


def test_parts_take_the_place_of_the_whole_in_open_tasks_alone(session_maker: Maker, recording_id: UUID) -> None:
    with transaction(session_maker) as session:
        zero, one, two, *_ = ids(session, recording_id)
        waiting = task_of(session, recording_id, 2, 1, 0)
        done = task_of(session, recording_id, 0, 1, state=TaskState.DONE)
        version = waiting.version
        left, right = split_segment(session, recording_id, one, at_ms=6_000, author="a")
        assert held(session, waiting) == [two, left.id, right.id, zero]
        assert (waiting.n_segments, waiting.duration_ms) == (4, 12_000)
        assert waiting.version > version
        assert held(session, done) == [zero, one]


def test_a_moved_edge_keeps_each_side_in_its_task(session_maker: Maker, recording_id: UUID) -> None:
    with transaction(session_maker) as session:
        zero, _, two, three, _ = ids(session, recording_id)
        first, second = task_of(session, recording_id, 0, 1), task_of(session, recording_id, 2, 3)
        left, right = move_edge(session, recording_id, two, edge=Edge.START, to_ms=8_500, author="a")
        assert (held(session, first), held(session, second)) == ([zero, left.id], [right.id, three])
        assert (first.duration_ms, second.duration_ms) == (8_500, 7_500)


def test_what_is_merged_across_tasks_goes_to_the_first(session_maker: Maker, recording_id: UUID) -> None:
    with transaction(session_maker) as session:
        zero, one, two, *_ = ids(session, recording_id)
        first, second = task_of(session, recording_id, 0, 1), task_of(session, recording_id, 2)
        (whole,) = merge_segments(session, recording_id, [two, one], author="a")
        assert held(session, first) == [zero, whole.id]
        assert held(session, second) == []
        assert (second.state, second.n_segments, second.duration_ms) == (TaskState.CANCELLED, 0, 0)


def test_what_is_merged_stays_with_whoever_works_on_it(session_maker: Maker, recording_id: UUID) -> None:
    with transaction(session_maker) as session:
        zero, one, two, three, _ = ids(session, recording_id)
        first, claimed = (
            task_of(session, recording_id, 0, 1),
            task_of(session, recording_id, 2, 3, state=TaskState.CLAIMED),
        )
        (whole,) = merge_segments(session, recording_id, [one, two], author="a")
        assert (held(session, first), held(session, claimed)) == ([zero], [whole.id, three])
        assert first.state is TaskState.WAITING


def test_each_of_two_independent_tasks_gets_what_was_merged(session_maker: Maker, recording_id: UUID) -> None:
    with transaction(session_maker) as session:
        zero, one, two, *_ = ids(session, recording_id)
        tasks = [task_of(session, recording_id, 0, 1, 2), task_of(session, recording_id, 0, 1, 2)]
        review = task_of(session, recording_id, 1, stage=TaskStage.REVIEW)
        (whole,) = merge_segments(session, recording_id, [zero, one], author="a")
        assert [held(session, task) for task in tasks] == [[whole.id, two]] * 2
        assert held(session, review) == [whole.id]


def test_nothing_is_taken_out_of_the_hands_of_two_people(session_maker: Maker, recording_id: UUID) -> None:
    with transaction(session_maker) as session:
        _, one, two, *_ = ids(session, recording_id)
        tasks = [task_of(session, recording_id, place, state=TaskState.CLAIMED) for place in (1, 2)]
    with pytest.raises(TaskTaken, match="wait until one is handed in"), transaction(session_maker) as session:
        merge_segments(session, recording_id, [one, two], author="a")
    with session_maker() as session:
        assert len(ids(session, recording_id)) == 5
        assert [held(session, task) for task in tasks] == [[one], [two]]


def test_of_edits_at_once_one_wins_and_the_others_are_told(session_maker: Maker, recording_id: UUID) -> None:
    with session_maker() as session:
        first = ids(session, recording_id)[0]
    results: list[str] = []
    barrier = threading.Barrier(6)

    def edit(at_ms: int) -> None:
        barrier.wait()
        try:
            with transaction(session_maker) as session:
                split_segment(session, recording_id, first, at_ms=at_ms, author="a")
            results.append("done")
        except AppError as error:
            results.append(type(error).__name__)

    threads = [threading.Thread(target=edit, args=(at_ms,)) for at_ms in range(1_000, 4_000, 500)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["SegmentReplaced"] * 5 + ["done"]
    with session_maker() as session:
        assert len(ids(session, recording_id)) == 6


def test_current_segments_and_groups_are_found_by_indexes(session_maker: Maker, recording_id: UUID) -> None:
    """SQLite tells its plan the same whatever the size; PostgreSQL is asked not to scan where an index would do."""
    with transaction(session_maker) as session:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        if not is_sqlite:
            session.execute(text("SET LOCAL enable_seqscan = off"))
        plans: list[str] = []

        @event.listens_for(session.connection(), "before_cursor_execute", retval=True)
        def explain(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> Any:
            cursor.execute(("EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN ") + statement, parameters)
            plans.extend(str(row) for row in cursor.fetchall())
            return statement, parameters

        first = ids(session, recording_id)[0]
        connected_group(session, first)
    plan = "\n".join(plans)
    assert "ix_segment_recording_id_channel_start_ms" in plan
    assert "ix_segment_replacement_replaced_id" in plan
    assert "SCAN segment" not in plan
    assert "Seq Scan on segment" not in plan
