"""What workers do for the API every minute."""

from __future__ import annotations

from app.api import idempotency
from app.jobs.context import JobContext
from app.jobs.registry import sweep


@sweep("forget old answers")
def forget_old_answers(context: JobContext) -> None:
    """Forget the answers to POSTs whose keys are a day old."""
    with context.transaction() as session:
        idempotency.sweep(session)
