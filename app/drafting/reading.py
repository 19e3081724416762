"""The sound of segments to draft, recording after recording."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from app.drafting.queries import WaitingSegment
from app.drafting.rows import segment_value
from app.storage import Store
from models.values import NoDraft, NoDraftReason
from pipeline.audio import read_clips
from pipeline.dialects.catalogue import get_dialect
from pipeline.drafting import SegmentAudio
from pipeline.errors import AudioUnreadable, UnknownDialect


class Reader:
    """Reads segments in a thread of its own. Those that no recogniser can help are left in `hopeless`, with why."""

    def __init__(self, store: Store, waiting: Sequence[WaitingSegment]) -> None:
        """Read these; those of one recording stand together, by their start."""
        self.hopeless: list[tuple[WaitingSegment, NoDraft]] = []
        self._store = store
        self._waiting = waiting

    def segments(self) -> Iterator[SegmentAudio]:
        """Each segment with its sound.

        Raises:
            StorageError: the store's fault, or the file is gone from it.
        """
        for _, group in itertools.groupby(self._waiting, key=lambda each: each.segment.recording_id):
            of_recording = list(group)
            n_read = 0
            try:
                for item in self._segments_of(of_recording):
                    n_read += 1
                    yield item
            except AudioUnreadable as fault:
                self._give_up(of_recording[n_read:], NoDraftReason.ENGINE_FAILED, f"its sound: {fault.reason}")
            except UnknownDialect as fault:
                self._give_up(of_recording[n_read:], NoDraftReason.LANGUAGE_NOT_IN_MODEL, str(fault))

    def _segments_of(self, waiting: Sequence[WaitingSegment]) -> Iterator[SegmentAudio]:
        dialect = get_dialect(waiting[0].dialect)
        segments = [segment_value(each.segment) for each in waiting]
        with self._store.open_local(waiting[0].storage_key) as path:
            clips = read_clips(path, segments)
            for each, segment, samples in zip(waiting, segments, clips, strict=True):
                yield SegmentAudio(key=each, dialect=dialect, segment=segment, samples=samples)

    def _give_up(self, waiting: Sequence[WaitingSegment], reason: NoDraftReason, detail: str) -> None:
        self.hopeless += [(each, NoDraft(reason, detail)) for each in waiting]
