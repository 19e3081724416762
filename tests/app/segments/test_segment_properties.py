"""Whatever people do to the cuts: no moment has two segments, none loses its segment, every score is attributable."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.db import open_engine, sessions
from app.segments.queries import connected_group, current_segments, segments_of_task
from app.segments.service import EditImpossible, merge_segments, move_edge, split_segment
from models.segment import Segment
from models.task import Task
from pipeline.segment_edits import Edge
from tests.factories import add_recording, add_segment, add_task

CHANNELS = (0, 1)
LENGTH_MS = 12_000
Covered = set[int]


def hundreds(segments: Sequence[Segment]) -> Covered:
    """The tenths of a second that segments cover; every time in this test is a multiple of 100 ms."""
    return {tenth for each in segments for tenth in range(each.start_ms // 100, each.end_ms // 100)}


@st.composite
def tilings(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Spans without overlap, some with silence between."""
    times = sorted(draw(st.sets(st.integers(0, LENGTH_MS // 500), min_size=3, max_size=12)))
    spans = [(start * 500, end * 500) for start, end in itertools.pairwise(times)]
    silent = draw(st.sets(st.sampled_from(spans), max_size=len(spans) - 1))
    return [span for span in spans if span not in silent]


def edit(session: Session, recording_id: UUID, standing: Sequence[Segment], data: st.DataObject) -> None:
    """Anything that somebody may try, sensible or not."""
    one, other = data.draw(st.sampled_from(standing)), data.draw(st.sampled_from(standing))
    at_ms = data.draw(st.integers(-2, LENGTH_MS // 100 + 2)) * 100
    kind = data.draw(st.sampled_from(["split", "merge", "start", "end"]))
    if kind == "split":
        split_segment(session, recording_id, one.id, at_ms=at_ms, author="a")
    elif kind == "merge":
        merge_segments(session, recording_id, [one.id, other.id], author="a")
    else:
        move_edge(session, recording_id, one.id, edge=Edge(kind), to_ms=at_ms, author="a")


def check_task(session: Session, task: Task, standing: Sequence[Segment]) -> None:
    """The task of all segments of channel 0 holds those that stand now, in the order of time."""
    held = segments_of_task(session, task.id)
    assert [each.id for each in held] == [each.id for each in standing if each.channel == 0]
    assert task.n_segments == len(held)
    assert task.duration_ms == sum(each.duration_ms for each in held)


@pytest.fixture
def session_maker(sqlite_url: str) -> Iterator[sessionmaker[Session]]:
    """One database is enough here: what is asked of it is plain SQL, and tried on both elsewhere."""
    engine = open_engine(sqlite_url)
    yield sessions(engine)
    engine.dispose()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spans=tilings(), data=st.data())
def test_any_edits_keep_the_tiling_and_connect_old_to_new(
    session_maker: sessionmaker[Session], spans: list[tuple[int, int]], data: st.DataObject
) -> None:
    with session_maker() as session:  # rolled back at the end
        recording = add_recording(session, duration_ms=LENGTH_MS, n_channels=2, dialect=None)
        given_segments = [
            add_segment(session, recording.id, channel=channel, start_ms=start_ms, end_ms=end_ms)
            for channel in CHANNELS
            for start_ms, end_ms in spans
        ]
        task = add_task(session, recording.project_id, given_segments[: len(spans)])
        session.flush()
        silence = set(range(LENGTH_MS // 100)) - hundreds(given_segments[: len(spans)])
        for _ in range(data.draw(st.integers(1, 10))):
            standing = current_segments(session, recording.id)
            covered = {channel: hundreds([s for s in standing if s.channel == channel]) for channel in CHANNELS}
            try:
                edit(session, recording.id, standing, data)
            except EditImpossible:
                assert current_segments(session, recording.id) == standing
                continue
            standing = current_segments(session, recording.id)
            for channel in CHANNELS:
                tiles = [each for each in standing if each.channel == channel]
                assert all(before.end_ms <= after.start_ms for before, after in itertools.pairwise(tiles))
                assert covered[channel] <= hundreds(tiles)
                assert hundreds(tiles) - covered[channel] <= silence
            check_task(session, task, standing)
        check_groups(session, recording.id)


def check_groups(session: Session, recording_id: UUID) -> None:
    """Every segment there ever was connects to current ones on the whole of its stretch, and groups never mix."""
    every = session.scalars(select(Segment).where(Segment.recording_id == recording_id)).all()
    group_of: dict[UUID, frozenset[UUID]] = {}
    for segment in every:
        group = connected_group(session, segment.id)
        members = frozenset(each.id for each in group.current + group.replaced)
        assert segment.id in members
        assert hundreds([segment]) <= hundreds(group.current)
        assert hundreds(group.replaced) <= hundreds(group.current)
        assert {each.channel for each in group.current + group.replaced} == {segment.channel}
        for member in members:
            assert group_of.setdefault(member, members) == members
    assert len(group_of) == session.scalar(
        select(func.count()).select_from(Segment).where(Segment.recording_id == recording_id)
    )
    standing = [each.id for each in current_segments(session, recording_id)]
    assert sorted(standing) == sorted(
        each.id for members in set(group_of.values()) for each in connected_group(session, next(iter(members))).current
    )
