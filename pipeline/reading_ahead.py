"""An iterable read in a thread of its own, a bounded number of items ahead."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")

_POLL_S = 0.1


class _End:
    """Marks the end of the items, and the error that ended them."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class ReadingAhead(Generic[T]):
    """Reads `items` in a thread while the context lasts; an error in there is raised where the item would have come."""

    def __init__(self, items: Iterable[T], *, n_ahead: int = 8) -> None:
        self._items = items
        self._queue: queue.Queue[T | _End] = queue.Queue(maxsize=n_ahead)
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._read, name="reading-ahead", daemon=True)
        self.is_exhausted = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_stopped.set()
        self._thread.join()

    @property
    def has_one(self) -> bool:
        """Whether `next_or_none` would return at once."""
        return self.is_exhausted or not self._queue.empty()

    def next_or_none(self) -> T | None:
        """The next item, waited for; None after the last."""
        if self.is_exhausted:
            return None
        item = self._queue.get()
        if not isinstance(item, _End):
            return item
        self.is_exhausted = True
        if item.error is not None:
            raise item.error
        return None

    def _read(self) -> None:
        error: BaseException | None = None
        try:
            for item in self._items:
                if not self._put(item):
                    return
        except BaseException as caught:
            error = caught
        self._put(_End(error))

    def _put(self, item: T | _End) -> bool:
        """Whether there was room before the reading was stopped."""
        while not self._is_stopped.is_set():
            try:
                self._queue.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False
