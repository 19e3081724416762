"""One run: each recording is cut, drafted, kept segment by segment, and written out when it is whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import cast

from app.transcription.guessing import DialectGuesser
from app.transcription.inputs import Recording
from app.transcription.ledger import Ledger
from app.transcription.outputs import OutputKept, Outputs
from app.transcription.progress import Tally
from app.transcription.reading import Place, Reader, Unread
from app.transcription.report import Failure, OutcomeCounts, RecordingReport, RunReport, State
from app.transcription.work import Choices, Work
from models.values import Draft, NoDraft, NoDraftReason
from pipeline.asr.recogniser import Recogniser
from pipeline.drafting import draft_segments
from pipeline.exporting import Format, Transcript


@dataclass(slots=True)
class Run:
    """Everything that one run needs; `execute` it once."""

    recordings: Sequence[Recording]
    names: Mapping[Path, str]
    """Stem of the outputs of each recording, by its path."""
    recogniser: Recogniser
    choices: Choices
    guesser: DialectGuesser | None
    """For recordings whose dialect is not given; None: they are reported."""
    formats: Sequence[Format]
    ledger: Ledger
    outputs: Outputs
    tally: Tally
    _reports: dict[Path, RecordingReport] = field(default_factory=dict, init=False)
    _failures: list[Failure] = field(default_factory=list, init=False)
    _open: dict[Path, Work] = field(default_factory=dict, init=False)

    def execute(self, refresh: Callable[[], None]) -> RunReport:
        """Draft what is not drafted yet and write every recording that is whole, then the summary.

        refresh: called whenever the tally has changed. An interrupt (Ctrl-C) ends the run early with what is done kept.

        Raises:
            FolderUnusable: the disk is full or the output folder cannot be written.
        """
        try:
            self._draft_all(refresh)
            is_complete = True
            self._give_up_open()
        except KeyboardInterrupt:
            is_complete = False
        report = self._report(is_complete=is_complete)
        self.outputs.write_summary(report.summary())
        return report

    def _draft_all(self, refresh: Callable[[], None]) -> None:
        model = self.recogniser.identity
        reader = Reader(
            self.recordings,
            model=model,
            choices=self.choices,
            guesser=self.guesser,
            ledger=self.ledger,
            tally=self.tally,
        )
        drafted = draft_segments(reader.segments(), self.recogniser, rules=self.choices.rules)
        # Closed at once when a draft cannot be kept: the threads behind it must not run on.
        with closing(drafted) as results:
            for item, outcome in results:
                self._keep(cast(Place, item.key), outcome)
                self._settle_waiting(reader)
                refresh()
        self._settle_waiting(reader)

    def _keep(self, place: Place, outcome: Draft | NoDraft) -> None:
        """Take in the outcome of one segment; a failed one is not kept, so that the next run tries it again."""
        work = place.work
        if not (isinstance(outcome, NoDraft) and outcome.reason is NoDraftReason.ENGINE_FAILED):
            self.ledger.keep_outcome(work.key, place.position, outcome)
        work.outcomes[place.position] = outcome
        share = work.share_of(place.position)
        self.tally.add_work(audio_ms=work.plan.duration_ms * share, size_bytes=work.size_bytes * share)
        if work.recording.path in self._reports:
            return  # given up meanwhile, because the rest of it could not be read
        self._open[work.recording.path] = work
        if work.is_whole:
            self._settle(work)

    def _settle_waiting(self, reader: Reader) -> None:
        while True:
            try:
                settled = reader.settled.get_nowait()
            except Empty:
                return
            if isinstance(settled, Work):
                self._settle(settled)
            else:
                self._give_up(settled)

    def _settle(self, work: Work) -> None:
        """Write the files of a whole recording, in every format."""
        self._open.pop(work.recording.path, None)
        failure = self._written(work) or self._undrafted(work)
        if failure:
            self._failures.append(failure)
            state = State.FAILED
        elif work.copy_of and not work.copy_of.is_done_before:
            state = State.COPY
        else:
            state = State.DONE_BEFORE if work.is_done_before else State.DONE
        self._add_report(work, state)

    def _written(self, work: Work) -> Failure | None:
        stem, title = self._stem(work.recording), self._title(work.recording)
        transcript = Transcript(title, work.dialect.tag, work.plan.duration_ms, work.plan.n_channels, work.rows)
        try:
            self.outputs.write({stem + format_.suffix: format_.render(transcript) for format_ in self.formats})
        except OutputKept as error:
            return Failure(title, error.message, "move it away and run again: nothing is drafted twice")
        return None

    def _undrafted(self, work: Work) -> Failure | None:
        failed = [
            outcome
            for outcome in work.outcomes.values()
            if isinstance(outcome, NoDraft) and outcome.reason is NoDraftReason.ENGINE_FAILED
        ]
        if not failed:
            return None
        return Failure(
            self._title(work.recording),
            f"{len(failed)} of {len(work.outcomes)} segments have no draft: {failed[0].detail}",
            "run the same command again: only these are tried again",
        )

    def _give_up(self, unread: Unread) -> None:
        title = self._title(unread.recording)
        self._failures.append(Failure(title, unread.reason, unread.remedy))
        work = self._open.pop(unread.recording.path, None)
        if work:
            self._add_report(work, State.FAILED)
        else:
            self.tally.settle_recording()
            dialect = unread.recording.dialect.tag if unread.recording.dialect else ""
            self._reports[unread.recording.path] = RecordingReport(
                title, str(unread.recording.path), self._stem(unread.recording), dialect, State.FAILED
            )

    def _give_up_open(self) -> None:
        for work in list(self._open.values()):
            n_missing = len(work.plan.segments) - len(work.outcomes)
            reason = f"{n_missing} of {len(work.plan.segments)} segments were not drafted"
            self._give_up(Unread(work.recording, reason, "run the same command again: only these are drafted"))

    def _add_report(self, work: Work, state: State) -> None:
        self.tally.settle_recording()
        self._reports[work.recording.path] = RecordingReport(
            name=self._title(work.recording),
            source=str(work.recording.path),
            output=self._stem(work.recording),
            dialect=work.dialect.tag,
            state=state,
            duration_ms=work.plan.duration_ms,
            counts=OutcomeCounts.of(work.outcomes.values()),
            notes=work.plan.notes + self._copy_notes(work),
            quality=work.plan.quality,
            metadata=work.recording.metadata,
        )

    def _copy_notes(self, work: Work) -> tuple[str, ...]:
        return (f"same content as {self._title(work.copy_of.recording)}",) if work.copy_of else ()

    def _stem(self, recording: Recording) -> str:
        return self.names[recording.path]

    def _title(self, recording: Recording) -> str:
        """The recording's name in its outputs: their stem with the recording's ending."""
        stem, suffix = self._stem(recording), recording.name.suffix
        return stem if stem.endswith(suffix) else stem + suffix

    def _report(self, *, is_complete: bool) -> RunReport:
        reading = self.tally.read()
        return RunReport(
            recordings=tuple(self._reports[r.path] for r in self.recordings if r.path in self._reports),
            failures=tuple(sorted(self._failures, key=lambda failure: failure.recording)),
            n_recordings=len(self.recordings),
            audio_ms=reading.audio_ms,
            elapsed_s=reading.elapsed_s,
            is_complete=is_complete,
            model=self.recogniser.identity,
            settings=self.choices.record(),
        )
