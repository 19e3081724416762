"""Keeping cached files within their budget."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from sqlalchemy.orm import Session, sessionmaker

from app.clips import queries
from app.db import reading, transaction
from app.storage import Store
from models.cached_file import CachedFile

N_AT_ONCE = 200
ROOM = 0.05
"""Share of the budget that is freed beyond need: else every new clip would cost a look for an old one."""


def evict(sessions: sessionmaker[Session], store: Store, *, budget_bytes: int) -> int:
    """Delete the files that were unused for the longest time until the rest fits the budget; how many were deleted.

    The row goes first, and only where nobody used the file meanwhile: no address is given for what is about to go. What
    a kill leaves behind, a file without a row, is found by `boli check`.
    """
    with reading(sessions) as session:
        excess = queries.cached_bytes(session) - budget_bytes
    if excess <= 0:
        return 0
    excess += int(budget_bytes * ROOM)
    n_deleted = 0
    while excess > 0:
        with transaction(sessions) as session:
            oldest = queries.longest_unused(session, N_AT_ONCE)
            dropped = queries.forget_unused(session, _as_many_as_needed(oldest, excess))
        if not oldest:
            break
        for key in dropped:
            store.delete(key)
        excess -= sum(dropped.values())
        n_deleted += len(dropped)
    return n_deleted


def _as_many_as_needed(oldest: Sequence[CachedFile], excess_bytes: int) -> list[CachedFile]:
    before = accumulate((file.size_bytes for file in oldest), initial=0)
    return [file for file, n_bytes in zip(oldest, before, strict=False) if n_bytes < excess_bytes]
