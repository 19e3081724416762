"""Progress as it changes: one question a second to the database for all who listen to a project."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from anyio.to_thread import run_sync
from sqlalchemy.orm import Session, sessionmaker

from app.db import reading
from app.errors import Overloaded
from app.progress.queries import progress

MOST_LISTENERS = 100
POLL_S = 1.0
_MOST_SHARE_OF_TIME = 0.1
"""A project so large that its progress takes long to count is counted less often."""
_log = logging.getLogger("boli.progress")


@dataclass(slots=True)
class _Topic:
    """What is known of one project, and who waits for more."""

    latest: str | None = None
    has_news: asyncio.Event = field(default_factory=asyncio.Event)
    n_listeners: int = 0
    task: asyncio.Task[None] | None = None


class ProgressFeed:
    """Hands each change of a project's progress to whoever listens. For one event loop."""

    def __init__(self, maker: sessionmaker[Session], *, poll_s: float = POLL_S, most: int = MOST_LISTENERS) -> None:
        self._maker = maker
        self._poll_s = poll_s
        self._most = most
        self._topics: dict[UUID, _Topic] = {}

    @property
    def n_listeners(self) -> int:
        """How many listen, to all projects together."""
        return sum(topic.n_listeners for topic in self._topics.values())

    def require_room(self) -> None:
        """That one more may listen.

        Raises:
            Overloaded: enough do.
        """
        if self.n_listeners >= self._most:
            raise Overloaded(f"{self._most} connections listen to progress already; ask /progress itself now and then")

    async def changes(self, project_id: UUID) -> AsyncIterator[str]:
        """A project's progress as JSON: as it is, then each time that it is another."""
        async with self._listening(project_id) as topic:
            told = None
            while True:
                news = topic.has_news
                if topic.latest is not None and topic.latest != told:
                    told = topic.latest
                    yield told
                else:
                    await news.wait()

    @asynccontextmanager
    async def _listening(self, project_id: UUID) -> AsyncIterator[_Topic]:
        self.require_room()
        topic = self._topics.setdefault(project_id, _Topic())
        topic.n_listeners += 1
        if topic.task is None:
            topic.task = asyncio.create_task(self._watch(project_id, topic))
        try:
            yield topic
        finally:
            topic.n_listeners -= 1
            if topic.n_listeners == 0:
                topic.task.cancel()
                self._topics.pop(project_id, None)

    async def _watch(self, project_id: UUID, topic: _Topic) -> None:
        while True:
            began = monotonic()
            try:
                latest = await run_sync(self._ask, project_id)
            except Exception as error:
                _log.warning("progress of %s cannot be read: %s", project_id, type(error).__name__)
            else:
                if latest != topic.latest:
                    topic.latest = latest
                    topic.has_news.set()
                    topic.has_news = asyncio.Event()
            await asyncio.sleep(max(self._poll_s, (monotonic() - began) / _MOST_SHARE_OF_TIME))

    def _ask(self, project_id: UUID) -> str:
        with reading(self._maker) as session:
            return progress(session, project_id).model_dump_json()
