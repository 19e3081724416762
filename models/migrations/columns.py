"""Columns and constraints as the tables write them, for migrations."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op


def choice(name: str, *values: str) -> sa.Enum:
    """Text that is one of some values."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    """A foreign key that is checked at the commit. target: `table.column`."""
    name = op.f(f"fk_{table}_{column}_{target.split('.')[0]}")
    return sa.ForeignKeyConstraint([column], [target], name=name, deferrable=True, initially="DEFERRED")


def where(condition: str) -> dict[str, Any]:
    """What makes an index hold only the rows that meet a condition."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
