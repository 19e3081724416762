"""What is listed and claimed is found by indexes: a query looks at what it gives, not at all that there is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session

from app.api.cursors import PageQuery, Position, behind, encode
from app.clips import queries as clips
from app.consistency import queries as consistency
from app.db import open_engine, sessions, transaction
from app.drafting import claims
from app.drafting import queries as drafting
from app.drafts import queries as drafts
from app.drafts.schemas import SegmentsQuery
from app.ingest import queries as ingest
from app.organisations import service as organisations
from app.projects import service as projects
from app.recordings import queries as recordings
from app.recordings import service as recording_lists
from app.recordings.schemas import RecordingsQuery
from app.segments import queries as segments
from app.tasking import queries as tasking
from app.tasks import queries as tasks
from app.tasks.schemas import TasksQuery
from models.recording import Recording, RecordingState
from models.segment import Segment
from models.task import Task, TaskState
from models.upload import Upload
from tests.app.query_rows import BEGAN, Much, fill_much, project_of
from tests.databases import DATABASES, Cluster

N = 5_000
MOST_ROWS = 1_500
"""On PostgreSQL: rows that a statement looks at."""
MOST_STEPS = 10_000
"""On SQLite: instructions of its machine, of which a look at one row takes about five."""
STEPS_AT_ONCE = 100
LATER = BEGAN + timedelta(days=1_000)
Query = Callable[[Session, Much], object]


@dataclass(slots=True)
class Place:
    """A database of one kind with much in it."""

    engine: Engine
    much: Much
    work: list[tuple[int, str]] = field(default_factory=list)


@pytest.fixture(scope="module", params=DATABASES)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Place]:
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('much') / 'a.sqlite3')}")
    else:
        cluster: Cluster = request.getfixturevalue("postgresql")
        engine = open_engine(cluster.url(cluster.migrated()))
    with transaction(sessions(engine)) as session:
        much = fill_much(session, n=N)
    if engine.dialect.name == "postgresql":  # as it does by itself once a table has grown
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
    yield Place(engine, much)
    engine.dispose()


def _middle(much: Much) -> str:
    seconds = int(BEGAN.timestamp()) + N // 2
    return encode(Position(seconds * 1_000_000, uuid4()))


def _recordings(session: Session, much: Much, **wanted: Any) -> object:
    return recording_lists.list_recordings(session, much.project_ids[2], RecordingsQuery(**wanted))


def _recording(session: Session, much: Much) -> Recording:
    return session.get_one(Recording, much.recording_ids[10])


def _uploads(session: Session, much: Much) -> object:
    query = behind(select(Upload).where(Upload.project_id == much.project_ids[2]), Upload, PageQuery())
    return session.scalars(query).all()


LISTS: dict[str, Query] = {
    "organisations": lambda session, _: organisations.list_organisations(session, PageQuery()),
    "projects": lambda session, _: projects.list_projects(session, PageQuery()),
    "projects of one": lambda session, much: projects.list_projects(
        session, PageQuery(), organisation_id=much.organisation_id
    ),
    "recordings": _recordings,
    "recordings from the middle": lambda session, much: _recordings(session, much, cursor=_middle(much)),
    "recordings in a state": lambda session, much: _recordings(session, much, state=RecordingState.READY),
    "recordings in work": lambda session, much: _recordings(session, much, state=RecordingState.SEGMENTED),
    "recordings by reference": lambda session, much: _recordings(session, much, client_reference="ref 50"),
    "recordings of nobody": lambda session, much: _recordings(session, much, speaker="nobody"),
    "recording": lambda session, much: recordings.detail(session, _recording(session, much)),
    "segments": lambda session, much: drafts.list_segments(session, much.recording_ids[9], SegmentsQuery(channel=0)),
    "segment": lambda session, much: drafts.detail(session, session.get_one(Segment, much.segment_ids[9])),
    "tasks": lambda session, much: tasks.list_tasks(session, much.project_ids[2], TasksQuery(cursor=_middle(much))),
    "tasks done": lambda session, much: tasks.list_tasks(
        session, much.project_ids[2], TasksQuery(state=TaskState.DONE)
    ),
    "task": lambda session, much: tasks.detail(session, session.get_one(Task, much.task_ids[9])),
    "uploads": _uploads,
}
CLAIMS: dict[str, Query] = {
    "segments to draft": lambda session, much: claims.claim(session, "demo", much.model_id, batch="mine"),
    "segments to draft beside": lambda session, much: drafting.waiting_segments(
        session, "beside", much.model_id, at=LATER, limit=10
    ),
    "segments to draft by another": lambda session, much: drafting.is_any_waiting(
        session, "other", much.model_id, at=LATER
    ),
    "claims": lambda session, _: claims.drop_claims(session, "b"),
    "whole recordings": lambda session, much: drafting.whole_recordings(session, "demo", much.model_id),
    "undrafted recordings": lambda session, much: drafting.undrafted_recordings(
        session, much.recording_ids[-36:-28], much.model_id
    ),
    "missed models": lambda session, _: drafting.missed_models(session, before=LATER),
    "drafted recordings": lambda session, much: tasking.lock_drafted(session, much.project_ids[3], "hi-IN"),
    "undrafted now": lambda session, much: tasking.lock_undrafted(session, much.project_ids[3], "hi-IN"),
    "segments to bundle": lambda session, much: tasking.waiting_segments(session, much.project_ids[3], "hi-IN"),
    "what is coming": lambda session, much: tasking.is_more_coming(session, much.project_ids[4], "or-IN"),
    "waiting tasks of a recording": lambda session, much: tasking.waiting_tasks_of(session, much.recording_ids[-35]),
    "segments in no task": lambda session, much: tasking.has_waiting_segments(session, much.recording_ids[5]),
    "missed kinds": lambda session, _: tasking.missed_kinds(session, before=LATER),
    "missed recordings": lambda session, _: ingest.missed_recordings(session, before=LATER),
    "the same sound": lambda session, much: ingest.first_with_sound(session, much.project_ids[9], f"{9:064x}"),
    "open tasks of segments": lambda session, much: segments.lock_open_tasks(session, much.segment_ids[-40:-30]),
    "current segments": lambda session, much: segments.current_segments(session, much.recording_ids[7], channel=0),
    "connected segments": lambda session, much: segments.connected_group(session, much.segment_ids[10]),
    "longest unused": lambda session, _: clips.longest_unused(session, 10),
    "clips of segments": lambda session, much: clips.ready(session, [session.get_one(Segment, much.segment_ids[9])]),
    "known files": lambda session, much: consistency.known_recordings(session, {project_of(much, 9): [f"{9:064x}"]}),
}


@pytest.mark.parametrize("name", [*LISTS, *CLAIMS])
def test_a_query_looks_at_little_of_much(place: Place, name: str) -> None:
    with sessions(place.engine)() as session, session.begin() as begun:
        with watched(session, place) as told:
            (LISTS | CLAIMS)[name](session, place.much)
        begun.rollback()
    assert told
    most = MOST_ROWS if place.engine.dialect.name == "postgresql" else MOST_STEPS
    assert [each for each in told if each[0] > most] == []


def test_a_scan_would_be_seen(place: Place) -> None:
    with sessions(place.engine)() as session, session.begin(), watched(session, place) as told:
        session.execute(text("SELECT count(*) FROM recording WHERE device = 'none'"))
    most = MOST_ROWS if place.engine.dialect.name == "postgresql" else MOST_STEPS
    assert max(n for n, _ in told) > most


@contextmanager
def watched(session: Session, place: Place) -> Iterator[list[tuple[int, str]]]:
    """How much each statement looks at, beside its plan."""
    told: list[tuple[int, str]] = []
    watch = _watch_sqlite if place.engine.dialect.name == "sqlite" else _watch_postgresql
    stop = watch(session, place.engine, told)
    try:
        yield told
    finally:
        stop()


def _watch_sqlite(session: Session, engine: Engine, told: list[tuple[int, str]]) -> Callable[[], None]:
    driver: Any = session.connection().connection.driver_connection
    n_steps = 0

    def step() -> int:
        nonlocal n_steps
        n_steps += STEPS_AT_ONCE
        return 0

    def plan(_connection: Any, cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        nonlocal n_steps
        driver.set_progress_handler(None, 1)
        rows = [] if many else driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
        told.append((0, f"{statement}\n" + "\n".join(row[3] for row in rows)))
        n_steps = 0
        driver.set_progress_handler(step, STEPS_AT_ONCE)

    def count(*_: Any) -> None:
        told[-1] = (n_steps, told[-1][1])

    event.listen(engine, "before_cursor_execute", plan)
    event.listen(engine, "after_cursor_execute", count)

    def stop() -> None:
        driver.set_progress_handler(None, 1)
        event.remove(engine, "before_cursor_execute", plan)
        event.remove(engine, "after_cursor_execute", count)

    return stop


def _watch_postgresql(session: Session, engine: Engine, told: list[tuple[int, str]]) -> Callable[[], None]:
    driver: Any = session.connection().connection.driver_connection
    for kind in ("hashjoin", "mergejoin"):  # which look through all where all is little, as here
        session.execute(text(f"SET LOCAL enable_{kind} = off"))
    session.execute(text("SET LOCAL statement_timeout = '60s'"))

    def plan(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if many or not statement.lstrip().upper().startswith(("SELECT", "WITH", "DELETE")):
            return
        with driver.cursor() as cursor:
            ((found,),) = cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).fetchall()
        told.append((_looked_at(found[0]["Plan"]), f"{statement}\n{json.dumps(found[0]['Plan'], indent=1)}"))

    event.listen(engine, "before_cursor_execute", plan)
    return lambda: event.remove(engine, "before_cursor_execute", plan)


def _looked_at(node: dict[str, Any]) -> int:
    own = 0
    if "Scan" in node["Node Type"]:
        each = (
            node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        )
        own = int(each * node["Actual Loops"])
    return own + sum(_looked_at(each) for each in node.get("Plans", ()))
