"""What every table shares: names of constraints, keys that sort by time, times in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import uuid_utils
from sqlalchemy import JSON, DateTime, Enum, ForeignKey, MetaData, TypeDecorator, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import Uuid

# Source: SQLAlchemy, "Configuring Constraint Naming Conventions".
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def new_id() -> UUID:
    """A UUIDv7: random, and later ones sort after earlier ones. Source: RFC 9562, section 5.7."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; a moment without a time zone is refused. SQLite keeps none, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - base
        """To UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone, expected UTC")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - base
        """From UTC."""
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


def choice(kind: type[StrEnum], name: str | None = None) -> Enum:
    """A column type that keeps the values of an enumeration as text, and nothing else.

    name: of the constraint, where a table has two columns of one kind.
    """
    kind_name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).lstrip("_")
    return Enum(
        kind, name=name or kind_name, native_enum=False, create_constraint=True, length=32,
        values_callable=lambda members: [member.value for member in members],
    )  # fmt: skip


def where(condition: str) -> dict[str, Any]:
    """What makes an index hold only the rows that meet a condition, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def refers_to(column: str) -> ForeignKey:
    """A foreign key that is checked at the commit: one transaction may write, or erase, its rows in any order."""
    return ForeignKey(column, deferrable=True, initially="DEFERRED")


class Base(DeclarativeBase):
    """The tables of Boli."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime, UUID: Uuid,
        dict[str, Any]: JSON(none_as_null=True), list[Any]: JSON(none_as_null=True),
    }  # fmt: skip


class Identified:
    """A row with a key of its own, made here and not by the database, so that it is known before the commit."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Edited(Identified):
    """A row that changes. `version` rises with each change: it is the ETag, and two changes at once cannot both win."""

    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy hands over the class
        return {"version_id_col": cls.version}
