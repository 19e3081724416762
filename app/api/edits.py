"""Edits of rows: only the fields that were sent, and a name that is taken is told apart from other failures."""

from __future__ import annotations

from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict
from models.base import Base


def apply(row: Base, body: BaseModel) -> None:
    """Set the fields that a body holds; what it leaves out stays."""
    for field in body.model_fields_set:
        setattr(row, field, getattr(body, field))


def flush_unique(session: Session, message: str) -> None:
    """Write what is pending.

    Raises:
        Conflict: with this message, where another row has what must be unique.
    """
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(message) from error
