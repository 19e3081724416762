"""What every table promises: keys that sort by time, times in UTC, changes that cannot both win, checks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from app.db import transaction
from models.base import new_id
from models.draft import Draft, DraftSource
from models.project import Project
from models.recording import Recording, RecordingState
from models.segment import Segment
from models.tables import metadata
from models.task import TaskState
from models.upload import Upload
from models.values import NoDraftReason
from tests.factories import (
    add_draft,
    add_project,
    add_recording,
    add_replacement,
    add_revision,
    add_segment,
    add_task,
)

Maker = sessionmaker[Session]
INDIA = timezone(timedelta(hours=5, minutes=30))


def test_keys_sort_by_the_time_they_were_made_on_the_database_too(session_maker: Maker) -> None:
    made = [new_id() for _ in range(2_000)]
    assert made == sorted(made)
    assert {(key.version, key.variant) for key in made} == {(7, "specified in RFC 4122")}
    with transaction(session_maker) as session:
        recording = add_recording(session)
        for place, key in enumerate(reversed(made[:20])):
            add_segment(session, recording.id, id=key, start_ms=place, end_ms=place + 1)
        session.flush()
        assert session.scalars(select(Segment.id).order_by(Segment.id)).all() == made[:20]


def test_a_moment_comes_back_in_utc_whatever_zone_it_was_told_in(session_maker: Maker) -> None:
    told = datetime(2026, 3, 1, 2, 30, 0, 123_456, tzinfo=INDIA)
    with transaction(session_maker) as session:
        session.execute(text("SET LOCAL TIME ZONE 'Asia/Kolkata'") if _is_postgresql(session) else text("SELECT 1"))
        key = add_project(session, due_at=told).id
    with session_maker() as session:
        due_at = session.get_one(Project, key).due_at
        assert due_at == told
        assert due_at == datetime(2026, 2, 28, 21, 0, 0, 123_456, tzinfo=UTC)
        assert due_at.tzinfo is UTC
        later = select(Project.id).where(Project.due_at > datetime(2026, 2, 28, 20, 59, tzinfo=UTC))
        assert session.scalars(later).all() == [key]


def test_a_moment_without_a_zone_is_refused(session_maker: Maker) -> None:
    naive = datetime(2026, 3, 1)
    with pytest.raises(StatementError, match="has no time zone, expected UTC"), transaction(session_maker) as session:
        add_project(session, due_at=naive)


def test_of_two_changes_of_one_row_the_second_is_told(session_maker: Maker) -> None:
    with transaction(session_maker) as session:
        key = add_project(session).id
    with session_maker() as session:
        one = session.get_one(Project, key)
    with session_maker() as session:
        other = session.get_one(Project, key)
    with transaction(session_maker) as session:
        session.add(one)
        one.guidelines = "write what is said"
    assert one.version == 2
    assert one.updated_at > one.created_at
    other.guidelines = "write what is meant"
    with pytest.raises(StaleDataError), transaction(session_maker) as session:
        session.add(other)
    with session_maker() as session:
        assert session.get_one(Project, key).guidelines == "write what is said"


def test_every_changing_table_has_a_version() -> None:
    changing = {"organisation", "project", "speaker", "recording", "task", "upload"}
    assert {name for name, table in metadata.tables.items() if "version" in table.c} == changing


def test_nothing_is_json_null(session_maker: Maker) -> None:
    with transaction(session_maker) as session:
        recording = add_recording(session, quality=None, client_draft=None)
        session.flush()
        query = select(Recording.id).where(Recording.quality.is_(None), Recording.client_draft.is_(None))
        assert session.scalars(query).all() == [recording.id]


def test_rows_of_one_transaction_may_come_in_any_order(session_maker: Maker) -> None:
    with transaction(session_maker) as session:
        recording = Recording(
            id=new_id(), project_id=new_id(), file_name="a", storage_key="a", sha256="a", size_bytes=1
        )  # fmt: skip
        segment = add_segment(session, recording.id)
        add_draft(session, segment.id)
        session.flush()
        session.add(recording)
        session.flush()
        add_project(session, id=recording.project_id)
    with session_maker() as session:
        assert session.get(Segment, segment.id) is not None


def test_a_row_that_refers_to_nothing_is_refused_at_the_commit(session_maker: Maker) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), transaction(session_maker) as session:
        add_segment(session, new_id())
    with session_maker() as session:
        assert session.scalars(select(Segment)).all() == []


WRONG: dict[str, Callable[[Session], Any]] = {
    "ck_segment_span": lambda s: add_segment(s, add_recording(s).id, start_ms=5, end_ms=5),
    "ck_segment_channel": lambda s: add_segment(s, add_recording(s).id, channel=-1),
    "ck_segment_replacement_not_itself": lambda s: add_replacement(s, (key := new_id()), key),
    "ck_draft_text_or_reason": lambda s: add_draft(s, new_id(), no_draft_reason=NoDraftReason.ENGINE_FAILED),
    "ck_draft_machine_has_model": lambda s: add_draft(s, new_id(), source=DraftSource.MACHINE, dialect="hi-IN"),
    "ck_draft_machine_has_dialect": lambda s: add_draft(s, new_id(), dialect="hi-IN"),
    "ck_recording_sizes": lambda s: add_recording(s, size_bytes=-1),
    "ck_recording_broken_has_fault": lambda s: add_recording(s, state=RecordingState.BROKEN),
    "ck_recording_duplicate_of_another": lambda s: add_recording(s, state=RecordingState.DUPLICATE),
    "ck_revision_share": lambda s: add_revision(s, new_id(), listened_share=1.01),
    "ck_revision_effort": lambda s: add_revision(s, new_id(), active_ms=-1),
    "ck_task_sizes": lambda s: add_task(s, new_id(), [], n_segments=-1),
    "ck_upload_offset": lambda s: s.add(
        Upload(
            project_id=new_id(), file_name="a", size_bytes=5, offset_bytes=6, facts={}, expires_at=datetime.now(UTC)
        )
    ),
}  # fmt: skip


def test_checks_refuse_what_makes_no_sense(session_maker: Maker) -> None:
    for name, add in WRONG.items():
        with session_maker() as session:
            add(session)
            with pytest.raises(IntegrityError, match=name):
                session.flush()


def test_a_choice_outside_its_values_is_refused_by_the_database(session_maker: Maker) -> None:
    with transaction(session_maker) as session:
        add_task(session, add_project(session).id, [])
    with pytest.raises(IntegrityError, match="ck_task_task_state"), transaction(session_maker) as session:
        session.execute(text("UPDATE task SET state = 'asleep'"))
    assert {state.value for state in TaskState} == {"waiting", "claimed", "done", "cancelled"}


def test_one_draft_of_a_client_for_a_segment(session_maker: Maker) -> None:
    with transaction(session_maker) as session:
        segment = add_segment(session, add_recording(session).id)
        add_draft(session, segment.id)
    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction(session_maker) as session:
        add_draft(session, segment.id)
    with session_maker() as session:
        assert len(session.scalars(select(Draft)).all()) == 1


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
