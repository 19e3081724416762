"""Drafting: a batch of segments across recordings and projects, by one model."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import insert_missing
from app.drafting.claims import asr_model_id, claim, drop_claims, settle_claims
from app.drafting.queries import (
    WaitingSegment,
    is_any_waiting,
    lock_waiting_recordings,
    undrafted_recordings,
    whole_recordings,
)  # fmt: skip
from app.drafting.reading import Reader
from app.drafting.rows import draft_row
from app.jobs.context import JobContext
from app.jobs.errands import Enqueue, ask, begin, drafting, tasking
from models.base import now
from models.draft import Draft
from models.project import Project
from models.recording import Recording, RecordingState
from models.values import Draft as DraftValue
from models.values import NoDraft
from pipeline.asr.recogniser import Recogniser
from pipeline.drafting import draft_segments
from pipeline.errors import RecogniserUnreachable

CHUNK_SEGMENTS = 32
CHUNK_S = 5.0
"""A worker that is killed loses the drafts of so many segments, or of so much time, at most."""


def draft(context: JobContext, model: str, batch: str, *, recogniser: Recogniser, enqueue: Enqueue) -> None:
    """Draft one batch of what waits for a model; where more waits, another job is enqueued before this one works.

    batch: what tells this job apart; one that is run again goes on with the segments that it had claimed.

    Raises:
        RecogniserUnreachable: the model's service does not answer; its segments wait.
        StorageError: the store's fault; what was drafted until then is kept.
    """
    batch = f"{model} {batch}"
    with context.transaction() as session:
        begin(session, drafting(model))
        model_id = asr_model_id(session, recogniser.identity)
        claimed = claim(session, model, model_id, batch=batch)
        if claimed and is_any_waiting(session, model, model_id, at=now()):
            ask(session, drafting(model), enqueue=enqueue)
    with context.transaction() as session:
        whole = lock_waiting_recordings(session, whole_recordings(session, model, model_id))
        send_on(session, whole, model, model_id, enqueue=enqueue)
    if claimed:
        _Batch(context, model, batch, model_id, recogniser, enqueue).run(claimed)


@dataclass(slots=True)
class _Batch:
    """The drafting of one batch."""

    context: JobContext
    model: str
    batch: str
    model_id: UUID
    recogniser: Recogniser
    enqueue: Enqueue
    _unwritten: list[tuple[WaitingSegment, DraftValue | NoDraft]] = field(default_factory=list)
    _written_at: float = field(default_factory=time.monotonic)

    def run(self, claimed: Sequence[WaitingSegment]) -> None:
        reader = Reader(self.context.store, claimed)
        try:
            # Closed at once when the job ends early: the threads behind it must not run on.
            with closing(draft_segments(reader.segments(), self.recogniser)) as outcomes:
                for item, outcome in outcomes:
                    if isinstance(outcome, NoDraft) and outcome.may_pass:
                        raise RecogniserUnreachable(outcome.detail)
                    self._unwritten.append((cast(WaitingSegment, item.key), outcome))
                    if self.context.is_cancelled():
                        break
                    self._write_if_due()
                else:
                    self._unwritten += reader.hopeless
        finally:
            self._write()
        with self.context.transaction() as session:
            drop_claims(session, self.batch)

    def _write_if_due(self) -> None:
        if len(self._unwritten) >= CHUNK_SEGMENTS or time.monotonic() - self._written_at >= CHUNK_S:
            self._write()

    def _write(self) -> None:
        """Keep what is drafted, and send on the recordings that are whole, in one transaction."""
        rows = [draft_row(waiting, outcome, self.model_id) for waiting, outcome in self._unwritten]
        recording_ids = {waiting.segment.recording_id for waiting, _ in self._unwritten}
        with self.context.transaction() as session:
            recordings = lock_waiting_recordings(session, recording_ids)
            insert_missing(session, Draft, rows)
            settle_claims(session, [row["segment_id"] for row in rows], batch=self.batch)
            send_on(session, recordings, self.model, self.model_id, enqueue=self.enqueue)
        self._unwritten.clear()
        self._written_at = time.monotonic()


def send_on(session: Session, recordings: Sequence[Recording], model: str, model_id: UUID, *, enqueue: Enqueue) -> None:
    """Those of some locked recordings that waited for this model, and are whole, go on to be tasks."""
    own = set(session.scalars(select(Project.id).where(Project.model == model)))
    waiting = {recording.id: recording for recording in recordings if recording.project_id in own}
    whole = set(waiting) - undrafted_recordings(session, waiting, model_id)
    for recording_id in whole:
        waiting[recording_id].state = RecordingState.DRAFTED
    session.flush()
    kinds = {(waiting[each].project_id, waiting[each].dialect) for each in whole}
    for errand in sorted((tasking(*kind) for kind in kinds), key=lambda errand: errand.name):
        ask(session, errand, enqueue=enqueue)
