"""Pages of a list: by the key of the last item, so that what is added meanwhile neither repeats nor skips anything."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Generic, Protocol, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, tuple_

from app.errors import FieldFault, Invalid

MOST_ITEMS = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_CHARACTERS = 64
_MOST_FIRST_BYTE = 0x7F
"""So that the number fits a signed column of eight bytes."""
_KEY_BYTES = 24
"""Eight of the number that the list is ordered by and sixteen of the id."""


Item = TypeVar("Item")
Row = TypeVar("Row", bound="Timed")


class Page(BaseModel, Generic[Item]):
    """Some items of a list. next_cursor: None on the last page."""

    items: list[Item]
    next_cursor: str | None


class Timed(Protocol):
    """A row of a list in order of making."""

    id: Any
    created_at: Any


class PageQuery(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS, description="Most items on a page.")] = 50
    cursor: Annotated[str | None, Field(description="`next_cursor` of the page before; none: the first.")] = None


PageParameters = Annotated[PageQuery, Query()]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a list: behind the item with this number (never negative) and, among equals, this id."""

    number: int
    id: UUID


def encode(position: Position) -> str:
    """A place as an opaque text."""
    return base64.urlsafe_b64encode(position.number.to_bytes(8, "big") + position.id.bytes).decode("ascii")


def decode(cursor: str) -> Position:
    """The place that a text names.

    Raises:
        Invalid: the text did not come from `encode`.
    """
    try:
        key = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        if len(key) != _KEY_BYTES or key[0] > _MOST_FIRST_BYTE:
            raise ValueError("not eight bytes and an id")
        return Position(int.from_bytes(key[:8], "big"), UUID(bytes=key[8:]))
    except (ValueError, binascii.Error) as error:
        fault = FieldFault("cursor", repr(cursor[:_MOST_CHARACTERS]), "the next_cursor of the page before, unchanged")
        raise Invalid(f"cursor is {fault.value}, expected {fault.expected}", fault) from error


def behind(query: Select[Any], table: Any, page: PageQuery) -> Select[Any]:
    """A query of the rows behind a cursor in order of making, one more than a page holds."""
    if page.cursor is not None:
        place = decode(page.cursor)
        query = query.where(tuple_(table.created_at, table.id) > tuple_(_moment(page.cursor, place), place.id))
    return query.order_by(table.created_at, table.id).limit(page.limit + 1)


def split(rows: Sequence[Row], page: PageQuery) -> tuple[Sequence[Row], str | None]:
    """The rows of this page and the cursor of the next, from what `behind` found."""
    return split_by(rows, page, number=lambda row: (row.created_at - _EPOCH) // timedelta(microseconds=1))


def split_by(rows: Sequence[Row], page: PageQuery, *, number: Callable[[Row], int]) -> tuple[Sequence[Row], str | None]:
    """The rows of this page and the cursor of the next, where the list is ordered by a number of our own."""
    kept = rows[: page.limit]
    more = len(rows) > page.limit
    return kept, encode(Position(number(kept[-1]), kept[-1].id)) if more else None


def _moment(cursor: str, place: Position) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=place.number)
    except OverflowError as error:
        fault = FieldFault("cursor", repr(cursor), "the next_cursor of the page before, unchanged")
        raise Invalid(f"cursor is {fault.value}, expected {fault.expected}", fault) from error
