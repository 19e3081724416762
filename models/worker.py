"""Processes that run jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now


class WorkerHeartbeat(Base):
    """That a process was alive at `seen_at`, by the database's clock. executor_id: new with each start."""

    __tablename__ = "worker_heartbeat"

    executor_id: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(default=now, index=True)
    queues: Mapped[list[Any]]
    host: Mapped[str]
