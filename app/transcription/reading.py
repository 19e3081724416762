"""Recordings as one stream of segments to draft; runs in a thread of its own, ahead of the recogniser."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from queue import SimpleQueue

from app.errors import AppError
from app.transcription.guessing import DialectGuesser
from app.transcription.inputs import Recording
from app.transcription.ledger import Ledger
from app.transcription.progress import Tally
from app.transcription.records import Plan
from app.transcription.work import Choices, Work, work_key
from models.values import ModelIdentity
from pipeline.audio import read_clips
from pipeline.dialects.catalogue import Dialect
from pipeline.drafting import SegmentAudio
from pipeline.errors import AudioUnreadable
from pipeline.file_faults import checked_file
from pipeline.intake import take_in


@dataclass(frozen=True, slots=True)
class Unread:
    """A recording that could not be read to its end."""

    recording: Recording
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a segment belongs."""

    work: Work
    position: int


class Reader:
    """Reads recordings in order; what needs no drafting goes to `settled`, for the thread that writes."""

    def __init__(
        self,
        recordings: Sequence[Recording],
        *,
        model: ModelIdentity,
        choices: Choices,
        guesser: DialectGuesser | None,
        ledger: Ledger,
        tally: Tally,
    ) -> None:
        self.settled: SimpleQueue[Work | Unread] = SimpleQueue()
        self._recordings = recordings
        self._model = model
        self._choices = choices
        self._guesser = guesser
        self._ledger = ledger
        self._tally = tally
        self._first_works: dict[str, Work] = {}

    def segments(self) -> Iterator[SegmentAudio]:
        """Every segment that has no outcome yet, with its sound; a recording that cannot be read is passed over."""
        for recording in self._recordings:
            try:
                yield from self._segments_of(recording)
            except AudioUnreadable as error:
                self.settled.put(Unread(recording, error.reason, error.remedy))
            except OSError as error:
                self.settled.put(Unread(recording, f"cannot be read: {error.strerror}", "check the file and its disk"))
            except AppError:
                raise
            except Exception as error:
                # One recording that trips a fault of ours must not cost the others their drafts.
                self.settled.put(Unread(recording, f"fault in Boli: {error!r}", "report it together with the file"))

    def _segments_of(self, recording: Recording) -> Iterator[SegmentAudio]:
        dialect = recording.dialect
        if dialect is None and self._guesser is not None:
            dialect = self._guesser.dialect_of(recording.path)
        if dialect is None:
            self.settled.put(
                Unread(
                    recording,
                    "its dialect is not known: it has none in the manifest",
                    "add it to the manifest, or give --dialect or --among for all that are not in it",
                )
            )
            return
        work = self._begun(recording, dialect)
        missing = [place for place in range(len(work.plan.segments)) if place not in work.outcomes]
        self._count_done(work, missing)
        if not missing:
            self.settled.put(work)
            return
        segments = [work.plan.segments[place] for place in missing]
        clips = read_clips(recording.path, segments, policy=self._choices.channels)
        for place, segment, samples in zip(missing, segments, clips, strict=True):
            yield SegmentAudio(key=Place(work, place), dialect=work.dialect, segment=segment, samples=samples)

    def _begun(self, recording: Recording, dialect: Dialect) -> Work:
        key = work_key(_sha256_of(checked_file(recording.path)), dialect, model=self._model, choices=self._choices)
        known = self._ledger.plan_of(key)
        plan = known or self._planned(recording.path, dialect)
        if known is None:
            self._ledger.keep_plan(key, plan)
        outcomes = self._ledger.outcomes_of(key)
        is_done_before = known is not None and len(outcomes) == len(plan.segments)
        first = self._first_works.get(key)
        size_bytes = recording.path.stat().st_size
        work = Work(recording, dialect, key, plan, outcomes, size_bytes, is_done_before, first)
        self._first_works.setdefault(key, work)
        return work

    def _planned(self, path: Path, dialect: Dialect) -> Plan:
        rules = self._choices.segment_rules(dialect)
        intake = take_in(path, rules, detector=self._choices.detector, policy=self._choices.channels)
        channels = intake.probe.channels
        notes = ("the file is damaged or cut off: only what could be decoded is here",)
        return Plan(
            duration_ms=max(channel.duration_ms for channel in channels),
            n_channels=len(channels),
            segments=tuple(
                sorted(chain(*intake.segments), key=lambda segment: (segment.span.start_ms, segment.channel))
            ),
            notes=notes if intake.probe.is_truncated else (),
            quality={"channels": [asdict(channel) for channel in channels]},
        )

    def _count_done(self, work: Work, missing: Sequence[int]) -> None:
        """Tell the tally what an earlier run, or a recording without speech, leaves out of the work."""
        if work.plan.segments or work.is_done_before:
            self._tally.drop_work(work.size_bytes * (1 - sum(work.share_of(place) for place in missing)))
        else:
            self._tally.add_work(audio_ms=work.plan.duration_ms, size_bytes=work.size_bytes)


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
