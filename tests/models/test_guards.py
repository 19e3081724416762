"""What must never change does not, on either database, whoever asks; an erasure is the one door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from app.database.erasure import erasing
from app.db import open_engine, sessions, transaction
from models.base import Base
from models.draft import Draft
from models.erasure import ErasureGrant
from models.migrations.guards import GUARDED
from models.recording import DialectChange, Recording
from models.revision import Revision
from models.segment import Segment, SegmentReplacement
from tests.factories import add_dialect_change, add_draft, add_recording, add_replacement, add_revision, add_segment

Maker = sessionmaker[Session]
TABLES: Mapping[str, type[Base]] = {
    "dialect_change": DialectChange,
    "segment_replacement": SegmentReplacement,
    "draft": Draft,
    "revision": Revision,
    "segment": Segment,
}
"""In the order in which an erasure deletes them."""
COLUMNS = {
    "dialect_change": "reason", "segment_replacement": "replaced_id", "draft": "text", "revision": "text",
    "segment": "end_ms",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording with a row in each guarded table."""

    recording_id: UUID
    segment_ids: tuple[UUID, UUID]


def keep(session: Session) -> Kept:
    recording = add_recording(session)
    old, new = add_segment(session, recording.id), add_segment(session, recording.id)
    add_replacement(session, new.id, old.id)
    add_draft(session, old.id)
    add_revision(session, new.id)
    add_dialect_change(session, recording.id)
    session.flush()
    return Kept(recording.id, (old.id, new.id))


@pytest.fixture
def kept(session_maker: Maker) -> Kept:
    """A recording, committed."""
    with transaction(session_maker) as session:
        return keep(session)


def counts(maker: Maker) -> dict[str, int | None]:
    with maker() as session:
        return {name: session.scalar(select(func.count()).select_from(table)) for name, table in TABLES.items()}


def erase(session: Session, kept: Kept, table: type[Base]) -> None:
    """Delete what hangs on a recording in one table."""
    columns = table.__table__.c
    if "recording_id" in columns:
        session.execute(delete(table).where(columns.recording_id == kept.recording_id))
    else:
        session.execute(delete(table).where(columns.segment_id.in_(kept.segment_ids)))


def refused(maker: Maker, rule: str, action: Callable[[Session], object]) -> None:
    """That a transaction breaks on a rule, and changes nothing."""
    before = counts(maker)
    with pytest.raises(IntegrityError, match=rule), transaction(maker) as session:
        action(session)
    assert counts(maker) == before


def run(statement: str) -> Callable[[Session], object]:
    """Plain SQL, past all of our code."""
    return lambda session: session.execute(text(statement))


def test_every_guarded_table_is_tested() -> None:
    assert set(TABLES) == set(COLUMNS) == set(GUARDED)


def test_a_row_never_changes(session_maker: Maker, kept: Kept) -> None:
    for name, column in COLUMNS.items():
        rule = f"{name}: its rows never change, write a new one instead"
        refused(session_maker, rule, run(f"UPDATE {name} SET {column} = {column}"))


def test_a_row_is_never_deleted(session_maker: Maker, kept: Kept) -> None:
    for name in TABLES:
        rule = f"{name}: its rows are never deleted, but where their recording is erased"
        refused(session_maker, rule, run(f"DELETE FROM {name}"))


def test_no_detour_leads_around_the_guard(session_maker: Maker, kept: Kept, database_engine: Engine) -> None:
    for name, column in COLUMNS.items():
        if database_engine.dialect.name == "postgresql":
            refused(session_maker, "its rows are never deleted", run(f"TRUNCATE {name} CASCADE"))
            upsert = (
                f"INSERT INTO {name} SELECT * FROM {name} ON CONFLICT {{}} DO UPDATE SET {column} = EXCLUDED.{column}"
            )
            key = "(segment_id, replaced_id)" if name == "segment_replacement" else "(id)"
            refused(session_maker, "its rows never change", run(upsert.format(key)))
        else:
            refused(session_maker, "its rows are", run(f"INSERT OR REPLACE INTO {name} SELECT * FROM {name}"))
            refused(session_maker, "its rows never", run(f"UPDATE OR REPLACE {name} SET {column} = {column}"))


def test_an_erasure_deletes_one_recording_and_shuts_the_door(session_maker: Maker, kept: Kept) -> None:
    with transaction(session_maker) as session:
        other = keep(session)
    with transaction(session_maker) as session, erasing(session, kept.recording_id, reason="the speaker asked"):
        for table in TABLES.values():
            erase(session, kept, table)
        session.execute(delete(Recording).where(Recording.id == kept.recording_id))
    assert counts(session_maker) == {name: 2 if name == "segment" else 1 for name in TABLES}
    with session_maker() as session:
        assert set(session.scalars(select(Segment.id))) == set(other.segment_ids)
    refused(session_maker, "draft: its rows are never deleted", lambda session: erase(session, other, Draft))


def test_the_door_opens_for_its_recording_alone(session_maker: Maker, kept: Kept) -> None:
    with transaction(session_maker) as session:
        other = keep(session)

    def erase_other(session: Session, table: type[Base]) -> None:
        with erasing(session, kept.recording_id, reason="asked"):
            erase(session, other, table)

    for name, table in TABLES.items():
        refused(session_maker, f"{name}: its rows are never deleted", partial(erase_other, table=table))


def test_the_door_lets_nobody_change_a_row(session_maker: Maker, kept: Kept) -> None:
    def write_over(session: Session) -> None:
        with erasing(session, kept.recording_id, reason="asked"):
            session.execute(update(Draft).values(text="written over"))

    refused(session_maker, "draft: its rows never change", write_over)


def test_no_commit_passes_while_the_door_is_open(session_maker: Maker, kept: Kept) -> None:
    def open_door(session: Session, **columns: int) -> None:
        session.add(ErasureGrant(recording_id=kept.recording_id, reason="left open", **columns))

    refused(session_maker, "(?i)foreign key", open_door)
    refused(session_maker, "(?i)check", partial(open_door, id=0))
    refused(session_maker, "(?i)check", partial(open_door, shut_by=1))
    with session_maker() as session:
        assert session.scalar(select(func.count()).select_from(ErasureGrant)) == 0


def test_an_erasure_that_fails_erases_nothing(session_maker: Maker, kept: Kept) -> None:
    before = counts(session_maker)

    def fail(session: Session) -> None:
        with erasing(session, kept.recording_id, reason="asked"):
            erase(session, kept, Draft)
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"), transaction(session_maker) as session:
        fail(session)
    assert counts(session_maker) == before


def test_nobody_else_sees_the_door_open(postgresql_url: str) -> None:
    """On PostgreSQL; on SQLite nobody else writes meanwhile at all."""
    engine = open_engine(postgresql_url)
    maker = sessions(engine)
    with transaction(maker) as session:
        kept = keep(session)
    with transaction(maker) as session, erasing(session, kept.recording_id, reason="asked"):
        refused(maker, "revision: its rows are never deleted", lambda other: erase(other, kept, Revision))
    engine.dispose()
