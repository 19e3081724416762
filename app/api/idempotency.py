"""POSTs that may be sent again: the first answer under a client's key is the answer to all of them.

The key is taken and the answer is kept in the transaction of the effect itself, so that neither stands without the
other. Two at once: the second waits for the first, because it wants to write the same row.
Source: IETF draft "The Idempotency-Key HTTP Header Field" (draft-ietf-httpapi-idempotency-key-header).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.errors import FieldFault, Invalid
from models.base import now
from models.idempotency import IdempotentAnswer

KEPT = timedelta(hours=24)
MOST_KEY_CHARACTERS = 128


@dataclass(frozen=True, slots=True)
class Repeatable:
    """Whose request it is, the key that it came under, and what it asks for."""

    principal: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    body: str


def repeatable(principal: str, key: str, *, target: str, body: bytes) -> Repeatable:
    """A request under a client's key. target: method, path and query.

    Raises:
        Invalid: the key is empty, too long or not printable ASCII.
    """
    bare = key.strip().strip('"')
    if not bare or len(bare) > MOST_KEY_CHARACTERS or not (bare.isascii() and bare.isprintable()):
        fault = FieldFault("Idempotency-Key", repr(key[:MOST_KEY_CHARACTERS]), "1 to 128 printable ASCII characters")
        raise Invalid(f"Idempotency-Key is {fault.value}, expected {fault.expected}", fault)
    return Repeatable(principal, bare, hashlib.sha256(target.encode() + b"\n" + body).hexdigest())


def take(session: Session, request: Repeatable) -> Answer | None:
    """Take the key for this transaction, or give the answer that stands under it.

    Raises:
        Invalid: another request came under the same key.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"principal": request.principal, "key": request.key, "fingerprint": request.fingerprint, "created_at": now()}
    taken = session.execute(
        insert(IdempotentAnswer).values(row).on_conflict_do_nothing().returning(IdempotentAnswer.key)
    )
    if taken.first() is not None:
        return None
    stored = session.get_one(IdempotentAnswer, (request.principal, request.key))
    if stored.fingerprint != request.fingerprint:
        raise Invalid(
            f"Idempotency-Key {request.key!r} stands for another request; each request needs a key of its own"
        )
    assert stored.status is not None, "a key is committed only with its answer"
    return Answer(stored.status, stored.body or "")


def keep(session: Session, request: Repeatable, answer: Answer) -> None:
    """Keep the answer of this transaction under its key."""
    session.execute(
        update(IdempotentAnswer)
        .where(IdempotentAnswer.principal == request.principal, IdempotentAnswer.key == request.key)
        .values(status=answer.status, body=answer.body)
    )


def sweep(session: Session) -> int:
    """Forget answers older than `KEPT`; how many."""
    found = session.execute(
        delete(IdempotentAnswer)
        .where(IdempotentAnswer.created_at < now() - KEPT)
        .returning(IdempotentAnswer.key)
        .execution_options(synchronize_session=False)
    )
    return len(found.all())
