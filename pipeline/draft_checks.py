"""Checks of a recognised text: what to flag, what to drop, what to decode again."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from models.values import DraftFlag
from pipeline.asr.recogniser import Recognition
from pipeline.draft_plan import DraftPlan
from pipeline.hallucinations import is_hallucination
from pipeline.repetition import is_loop
from pipeline.text.scripts import script_share

_log = logging.getLogger(__name__)

WORTH_DECODING_AGAIN = frozenset(
    {DraftFlag.LOOP, DraftFlag.SCRIPT_MISMATCH, DraftFlag.LOW_LOGPROB, DraftFlag.TOKEN_CAP_HIT}
)
"""Failures that a wider window or another sample may cure; silence and known phrases come out again."""


@dataclass(frozen=True, slots=True)
class CheckRules:
    """Thresholds of the checks."""

    least_logprob: float = -1.0
    """Source: openai/whisper, transcribe.py (`logprob_threshold`)."""
    most_no_speech: float = 0.6
    """Source: openai/whisper, transcribe.py (`no_speech_threshold`); together with a low log-probability only."""
    least_script_share: float = 0.8
    """Of letters and marks; Latin is tolerated for code-mixed speech. Source: BharatVoice-Bench (script fidelity)."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A text that passed through the checks."""

    text: str
    """Empty where there was no speech or only a known hallucination."""
    flags: frozenset[DraftFlag]

    @property
    def needs_decoding_again(self) -> bool:
        """Whether another attempt may do better."""
        return bool(self.flags & WORTH_DECODING_AGAIN) and DraftFlag.NO_SPEECH not in self.flags


def check(recognition: Recognition, plan: DraftPlan, *, rules: CheckRules) -> Checked:
    """The text that goes into a draft and its flags."""
    text = recognition.text
    flags: set[DraftFlag] = set()
    logprob = recognition.average_logprob
    is_doubtful = logprob is not None and logprob < rules.least_logprob
    if is_doubtful:
        flags.add(DraftFlag.LOW_LOGPROB)
    if is_doubtful and (recognition.no_speech_probability or 0.0) > rules.most_no_speech:
        return Checked("", frozenset({DraftFlag.NO_SPEECH, DraftFlag.EMPTY}))
    if recognition.is_capped:
        flags.add(DraftFlag.TOKEN_CAP_HIT)
    if is_loop(text):
        flags.add(DraftFlag.LOOP)
    if script_share(text, frozenset({plan.script})) < rules.least_script_share:
        flags.add(DraftFlag.SCRIPT_MISMATCH)
    if _is_made_up(text, plan):
        _log.info("dropped a known hallucination under %s: %s", plan.language, text)
        return Checked("", frozenset({DraftFlag.BLOCKLIST_HIT, DraftFlag.EMPTY}))
    if not text:
        flags.add(DraftFlag.EMPTY)
    return Checked(text, frozenset(flags))


def _is_made_up(text: str, plan: DraftPlan) -> bool:
    """Whether the text is a known phrase or nothing but the prompt come back."""
    return is_hallucination(text, plan.language) or (plan.prompt is not None and text.strip() == plan.prompt.strip())
