"""Triggers that keep rows from ever changing. They refuse an update always, and a deletion but within an erasure.

Rebuilding a table on SQLite (Alembic's batch mode) drops its triggers: guard it again afterwards.
Source: SQLite, "CREATE TRIGGER"; PostgreSQL 15, chapter 39 "Triggers".
"""

from __future__ import annotations

from alembic import op

_OF_SEGMENT = "(SELECT segment.recording_id FROM segment WHERE segment.id = OLD.segment_id)"
_RECORDING = {
    "segment": "OLD.recording_id",
    "dialect_change": "OLD.recording_id",
    "segment_replacement": _OF_SEGMENT,
    "draft": _OF_SEGMENT,
    "revision": _OF_SEGMENT,
}
GUARDED = tuple(_RECORDING)


def guard(table: str) -> None:
    """Make the rows of a table immutable; those of a recording under erasure may be deleted."""
    is_granted = f"EXISTS (SELECT 1 FROM erasure_grant WHERE erasure_grant.recording_id = {_RECORDING[table]})"  # noqa: S608
    never_changed = f"{table}: its rows never change, write a new one instead"
    never_deleted = f"{table}: its rows are never deleted, but where their recording is erased"
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql(table, is_granted, never_changed=never_changed, never_deleted=never_deleted)
    else:
        _guard_sqlite(table, is_granted, never_changed=never_changed, never_deleted=never_deleted)


def _guard_sqlite(table: str, is_granted: str, *, never_changed: str, never_deleted: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_never_changed BEFORE UPDATE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{never_changed}'); END"
    )
    op.execute(
        f"CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table} WHEN NOT {is_granted} "
        f"BEGIN SELECT RAISE(ABORT, '{never_deleted}'); END"
    )


def _guard_postgresql(table: str, is_granted: str, *, never_changed: str, never_deleted: str) -> None:
    refuse = "RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE ="
    op.execute(
        f"CREATE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN {refuse} '{never_changed}'; END IF; "
        f"IF TG_OP = 'TRUNCATE' OR NOT {is_granted} THEN {refuse} '{never_deleted}'; END IF; "
        f"RETURN OLD; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_never_changed BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_guard()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_never_truncated BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_guard()"
    )
