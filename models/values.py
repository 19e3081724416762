"""Values that pass between the stages of the pipeline: frozen, standard library only.

Times are integer milliseconds from the start of the recording, half-open `[start_ms, end_ms)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time `[start_ms, end_ms)`; never empty, never before zero."""

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_ms < self.end_ms:
            raise ValueError(f"a span needs 0 <= start_ms < end_ms, got [{self.start_ms}, {self.end_ms})")

    @property
    def duration_ms(self) -> int:
        """Length in milliseconds, at least 1."""
        return self.end_ms - self.start_ms


class CutKind(StrEnum):
    """How an edge of a segment was found."""

    PAUSE = "pause"
    """In a pause between speech spans."""
    QUIET = "quiet"
    """At the quietest frame of running speech, because the segment grew too long."""
    HARD = "hard"
    """At the length limit, where nothing quieter was near."""
    PERSON = "person"
    """Where a person set it, by ear."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one channel that is drafted and corrected as one row."""

    channel: int
    span: Span
    start_cut: CutKind = CutKind.PAUSE
    end_cut: CutKind = CutKind.PAUSE

    @property
    def is_hard_cut(self) -> bool:
        """Whether an edge may run through a word."""
        return CutKind.HARD in (self.start_cut, self.end_cut)


@dataclass(frozen=True, slots=True)
class Word:
    """One word (for Chinese: one character or Latin run) with its time in the recording."""

    text: str
    span: Span
    confidence: float | None = None
    """Mean probability of the word's tokens, in [0, 1]; None where the engine does not tell."""


class DraftFlag(StrEnum):
    """What a reader should know before trusting a draft."""

    TOKEN_CAP_HIT = "token_cap_hit"
    SCRIPT_MISMATCH = "script_mismatch"
    LOOP = "loop"
    LOW_LOGPROB = "low_logprob"
    NO_SPEECH = "no_speech"
    BLOCKLIST_HIT = "blocklist_hit"
    HARD_CUT = "hard_cut"
    NO_TOKEN_LANGUAGE = "no_token_language"
    EMPTY = "empty"
    DEMO_MODEL = "demo_model"
    SPREAD = "spread"


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which weights, run by which engine, wrote a draft."""

    engine: str
    name: str
    revision: str
    """First 12 hex digits of the weights' sha256, or what a remote service calls its model."""
    is_for_demo_only: bool = False
    """Whether it knows a few words only, so that its drafts of real speech are worthless."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A machine's text for one segment; never changed once written."""

    text: str
    model: ModelIdentity
    language: str | None
    """Whisper language token that was sent; None where the engine takes none."""
    average_logprob: float | None = None
    """Mean log-probability of the decoded tokens, natural logarithm, <= 0."""
    no_speech_probability: float | None = None
    words: tuple[Word, ...] = ()
    n_tokens: int = 0
    temperature: float = 0.0
    flags: tuple[DraftFlag, ...] = ()


class NoDraftReason(StrEnum):
    """Why a segment has no machine text."""

    DIALECT_NOT_DRAFTED = "dialect_not_drafted"
    """The catalogue says that a draft of this variety would do harm."""
    LANGUAGE_NOT_IN_MODEL = "language_not_in_model"
    """The checkpoint has neither the variety's token nor the nearest one."""
    ENGINE_FAILED = "engine_failed"
    """The recogniser gave up on this segment; `detail` says how."""


@dataclass(frozen=True, slots=True)
class NoDraft:
    """A segment that goes to a person without machine text, and why."""

    reason: NoDraftReason
    detail: str
    may_pass: bool = False
    """Whether trying again later may help: the recogniser could not be reached."""
