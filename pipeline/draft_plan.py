"""What is asked of a recogniser for a variety: language token, prompt, script, token limit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from models.values import DraftFlag, NoDraft, NoDraftReason
from pipeline.dialects import Dialect

TOKEN_BUDGET = 440
"""Text tokens that fit a decoder of 448 positions without a prompt."""
_LIMIT_STEP = 64
"""Token limits grow in steps, so that clips of like length share a batch."""
_FAST_SPEECH = 2.0
"""How much faster than the catalogue's budget somebody may speak before the limit cuts the text."""


class DraftPolicy(StrEnum):
    """Which varieties get a machine draft."""

    CATALOGUE = "catalogue"
    """Those for which the catalogue says that stock Whisper helps more than it harms."""
    ALWAYS = "always"
    """All, by the nearest token where there is no own one."""


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """How the segments of one variety are drafted by one recogniser."""

    dialect: Dialect
    language: str
    prompt: str | None
    flags: tuple[DraftFlag, ...] = ()

    @property
    def script(self) -> str:
        """ISO 15924 code that the draft keeps to."""
        return self.dialect.scripts[0]

    def token_limit(self, duration_ms: int) -> int:
        """Most tokens that speech of this length can take, with room for fast speakers; loops end there."""
        likely = TOKEN_BUDGET * duration_ms / self.dialect.longest_segment_ms
        steps = -(-int(_FAST_SPEECH * likely) // _LIMIT_STEP)
        return min(TOKEN_BUDGET, max(1, steps) * _LIMIT_STEP)


def plan_for(
    dialect: Dialect, languages: frozenset[str] | None, *, policy: DraftPolicy = DraftPolicy.CATALOGUE
) -> DraftPlan | NoDraft:
    """The plan for a variety, or why it gets no draft.

    languages: the checkpoint's tokens; None where the engine takes any, and then gets the variety's ISO 639 code.
    """
    if languages is None:
        own = dialect.whisper_token or dialect.tag.split("-")[0]
        return DraftPlan(dialect, own, dialect.prompt)
    if dialect.whisper_token is not None and dialect.whisper_token in languages:
        # The Cantonese prompt makes up for a missing token; where there is the token it would only cost time.
        prompt = None if dialect.whisper_token == "yue" else dialect.prompt
        return DraftPlan(dialect, dialect.whisper_token, prompt)
    if not dialect.is_drafted and policy is DraftPolicy.CATALOGUE:
        detail = f"{dialect.english_name} ({dialect.tag}) has no Whisper token; the nearest one drafts it too badly"
        return NoDraft(NoDraftReason.DIALECT_NOT_DRAFTED, detail)
    if dialect.nearest_token is None or dialect.nearest_token not in languages:
        wanted = dialect.whisper_token or dialect.nearest_token or "no token at all"
        detail = f"{dialect.english_name} ({dialect.tag}) is drafted by {wanted}, which this checkpoint lacks"
        return NoDraft(NoDraftReason.LANGUAGE_NOT_IN_MODEL, detail)
    return DraftPlan(dialect, dialect.nearest_token, dialect.prompt, (DraftFlag.NO_TOKEN_LANGUAGE,))
