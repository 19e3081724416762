"""The one door through which drafts, revisions and segments may leave: see `models.erasure`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.erasure import ErasureGrant


@contextmanager
def erasing(session: Session, recording_id: UUID, *, reason: str) -> Iterator[None]:
    """Let what was derived from one recording be deleted within this block, and nothing else, by nobody else.

    Delete drafts, revisions and replacements before the segments that they hang on: the triggers find their recording
    through the segment. Where the block raises, roll the transaction back: with the door open it cannot be committed.
    """
    grant = ErasureGrant(recording_id=recording_id, reason=reason)
    session.add(grant)
    session.flush()
    yield
    session.flush()
    session.execute(delete(ErasureGrant).where(ErasureGrant.id == grant.id))
