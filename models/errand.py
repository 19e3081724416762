"""Work that many ask for and one job does: kept beside the engine, in our own tables."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, now


class Errand(Base):
    """A kind of work on one thing, for instance the drafting by a model. Its row is also the lock of that work.

    n_asked: jobs asked for so far. n_begun: the last of them that has looked for work. While the first is ahead, a
    job waits that will see whatever is committed until it begins: nobody need ask for another.
    """

    __tablename__ = "errand"

    name: Mapped[str] = mapped_column(primary_key=True)
    n_asked: Mapped[int] = mapped_column(default=0)
    n_begun: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(default=now)
