"""What came of a run: the figures of `summary.json` and of the last lines on the screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.screen import printable
from app.transcription.progress import clock_time
from models.values import Draft, ModelIdentity, NoDraft

DEMO_NOTE = (
    "drafts are from a model for demonstration, which knows a few words only: of real speech they are worthless; "
    "for work name a real model, such as --model small (`boli models list`)"
)


class State(StrEnum):
    """What became of one recording."""

    DONE = "done"
    """Drafted in this run."""
    DONE_BEFORE = "done_before"
    """Nothing was left to draft."""
    FAILED = "failed"
    """Something is missing; the failure says what."""
    COPY = "copy"
    """Of the same content as another recording of this run, which was drafted."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a recording, or a part of it, came to nothing, and what to do."""

    recording: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """What segments came to; counts add."""

    n_drafts: int = 0
    no_drafts: Counter[str] = field(default_factory=Counter)
    """By reason."""
    flags: Counter[str] = field(default_factory=Counter)
    """How many drafts carry each."""

    @classmethod
    def of(cls, outcomes: Iterable[Draft | NoDraft]) -> OutcomeCounts:
        """The counts of some segments."""
        outcomes = list(outcomes)
        drafts = [outcome for outcome in outcomes if isinstance(outcome, Draft)]
        return cls(
            n_drafts=len(drafts),
            no_drafts=Counter(outcome.reason.value for outcome in outcomes if isinstance(outcome, NoDraft)),
            flags=Counter(flag.value for draft in drafts for flag in draft.flags),
        )

    def __add__(self, other: OutcomeCounts) -> OutcomeCounts:
        return OutcomeCounts(self.n_drafts + other.n_drafts, self.no_drafts + other.no_drafts, self.flags + other.flags)

    @property
    def n_segments(self) -> int:
        """Drafted or not."""
        return self.n_drafts + self.no_drafts.total()

    def summary(self) -> dict[str, Any]:
        """As they stand in the summary."""
        return {
            "segments": self.n_segments,
            "drafts": self.n_drafts,
            "no_drafts": dict(sorted(self.no_drafts.items())),
            "flags": dict(sorted(self.flags.items())),
        }


@dataclass(frozen=True, slots=True)
class RecordingReport:
    """One recording of the run."""

    name: str
    source: str
    output: str
    """Stem of its output files in the output folder."""
    dialect: str
    state: State
    duration_ms: int = 0
    counts: OutcomeCounts = field(default_factory=OutcomeCounts)
    notes: tuple[str, ...] = ()
    quality: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """As it stands in the summary."""
        return {
            "recording": self.name,
            "source": self.source,
            "output": self.output,
            "dialect": self.dialect,
            "state": self.state.value,
            "seconds": self.duration_ms / 1000,
            **self.counts.summary(),
            "notes": list(self.notes),
            "quality": dict(self.quality),
            "metadata": dict(self.metadata),
        }


@dataclass(frozen=True, slots=True)
class RunReport:
    """The whole run."""

    recordings: tuple[RecordingReport, ...]
    failures: tuple[Failure, ...]
    n_recordings: int
    """All that were asked for."""
    audio_ms: int
    """Sound that was drafted in this run."""
    elapsed_s: float
    is_complete: bool
    """False where the run was stopped."""
    model: ModelIdentity
    settings: Mapping[str, Any]

    @property
    def counts(self) -> OutcomeCounts:
        """Of all recordings together."""
        return sum((recording.counts for recording in self.recordings), OutcomeCounts())

    @property
    def states(self) -> Counter[State]:
        """How many recordings came to what."""
        return Counter(recording.state for recording in self.recordings)

    @property
    def speed(self) -> float:
        """Of this run: seconds of audio per second."""
        return self.audio_ms / 1000 / max(self.elapsed_s, 1e-3)

    @property
    def notes(self) -> list[str]:
        """What to know before anybody works with the drafts."""
        return [DEMO_NOTE] if self.model.is_for_demo_only and self.counts.n_drafts else []

    def summary(self) -> dict[str, Any]:
        """The content of `summary.json`."""
        return {
            "is_complete": self.is_complete,
            "recordings": self.n_recordings,
            "states": {state.value: self.states[state] for state in State},
            **self.counts.summary(),
            "audio_seconds": sum(recording.duration_ms for recording in self.recordings) / 1000,
            "audio_seconds_this_run": self.audio_ms / 1000,
            "elapsed_seconds": round(self.elapsed_s, 3),
            "speed_x": round(self.speed, 2),
            "model": asdict(self.model),
            "settings": dict(self.settings),
            "notes": self.notes,
            "failures": [asdict(failure) for failure in self.failures],
            "details": [recording.summary() for recording in self.recordings],
        }


def lines_of(report: RunReport, out: Path) -> list[str]:
    """The report for people: what was done, what failed and what to do about it."""
    states, counts = report.states, report.counts
    lines = [
        f"{report.n_recordings} recordings: {states[State.DONE]} done, {states[State.DONE_BEFORE]} done before, "
        f"{states[State.FAILED]} failed" + (f", {states[State.COPY]} copies of others" if states[State.COPY] else ""),
        f"{counts.n_segments} segments: {counts.n_drafts} drafts"
        + "".join(f", {count} without draft ({reason})" for reason, count in sorted(counts.no_drafts.items())),
    ]
    if report.audio_ms:
        audio, elapsed = clock_time(report.audio_ms / 1000), clock_time(report.elapsed_s)
        lines.append(f"{audio} of audio in {elapsed}, {report.speed:.1f} x real time")
    if counts.flags:
        lines.append("flags: " + ", ".join(f"{flag} {count}" for flag, count in sorted(counts.flags.items())))
    lines += [f"note: {note}" for note in report.notes]
    lines.append(f"transcripts and summary.json are in {printable(str(out))}")
    for failure in report.failures:
        told = (failure.recording, failure.reason, failure.remedy)
        recording, reason, remedy = map(printable, told)
        lines += [f"failed: {recording}: {reason}", f"        {remedy}"]
    if not report.is_complete:
        lines.append("stopped before the end; run the same command again to go on: nothing is drafted twice")
    return lines
