"""Batches of segments to draft: each is taken by one worker, and comes free again if that one dies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.db import insert_missing
from app.drafting.queries import WaitingSegment, claimed_segments, waiting_segments
from models.asr_model import AsrModel
from models.base import now
from models.draft import DraftClaim
from models.values import ModelIdentity

BATCH_SEGMENTS = 512
"""About an hour and a quarter of rows of 9 s: enough to keep batches full, little enough to share among workers."""
CLAIM_LASTS = timedelta(minutes=20)
"""Counted anew with each chunk that is written; a worker that writes none for so long is taken for dead."""


def asr_model_id(session: Session, identity: ModelIdentity) -> UUID:
    """The row of a model, made where there is none."""
    columns = {"engine": identity.engine, "name": identity.name, "revision": identity.revision}
    insert_missing(session, AsrModel, [columns])
    return session.scalars(select(AsrModel.id).filter_by(**columns)).one()


def claim(session: Session, model: str, model_id: UUID, *, batch: str) -> Sequence[WaitingSegment]:
    """What a batch is to draft: what it had claimed before a crash, else the most urgent segments that wait.

    Only for whoever holds the lock of the model's errand. In the order in which they are best drafted.
    """
    claimed = claimed_segments(session, batch)
    if not claimed:
        at = now()
        session.execute(delete(DraftClaim).where(DraftClaim.model == model, DraftClaim.expires_at <= at))
        claimed = waiting_segments(session, model, model_id, at=at, limit=BATCH_SEGMENTS)
        rows = [
            {"segment_id": each.segment.id, "model": model, "batch": batch, "expires_at": at + CLAIM_LASTS}
            for each in claimed
        ]
        insert_missing(session, DraftClaim, rows)
    # One dialect after the other: what shares a language token shares a batch of the recogniser.
    return sorted(claimed, key=lambda each: (each.dialect, each.segment.recording_id, each.segment.start_ms))


def settle_claims(session: Session, segment_ids: Iterable[UUID], *, batch: str) -> None:
    """Drop the claims on segments that are drafted, and hold the batch's others for longer."""
    mine = DraftClaim.batch == batch
    session.execute(delete(DraftClaim).where(mine, DraftClaim.segment_id.in_(list(segment_ids))))
    session.execute(update(DraftClaim).where(mine).values(expires_at=now() + CLAIM_LASTS))


def drop_claims(session: Session, batch: str) -> None:
    """Give back what a batch has not drafted."""
    session.execute(delete(DraftClaim).where(DraftClaim.batch == batch))
