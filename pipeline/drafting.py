"""Drafts for segments of many recordings: batched by shape, checked, and decoded again where a check fails.

Segments come in as a stream and leave as a stream, in the order in which their batches finish. Reading audio (in a
thread of its own), features and decoding overlap; what waits is bounded by its seconds of audio.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from models.values import Draft, DraftFlag, NoDraft, NoDraftReason, Segment, Span, Word
from pipeline.asr.recogniser import SAMPLE_RATE_HZ, Recogniser, Recognition, Request
from pipeline.chinese import in_script_of
from pipeline.dialects import Dialect
from pipeline.draft_checks import Checked, CheckRules, check
from pipeline.draft_plan import DraftPlan, DraftPolicy, plan_for
from pipeline.errors import RecogniserFailed, RecogniserUnreachable
from pipeline.reading_ahead import ReadingAhead

LONGEST_CLIP_MS = 30_000
_LOOK_AGAIN_S = 0.02
"""How long a free worker waits before it is looked whether more audio has been read."""


@dataclass(frozen=True, slots=True)
class SegmentAudio:
    """A segment, its sound, and what it is spoken in."""

    key: Hashable
    """Whatever the caller needs to find the segment again."""
    dialect: Dialect
    segment: Segment
    samples: npt.NDArray[np.float32]
    """Shape (n_samples,), 16 kHz mono in [-1, 1]; at most 30 s."""

    @property
    def duration_ms(self) -> int:
        """Length of the sound."""
        return len(self.samples) * 1000 // SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class DraftRules:
    """How drafts are made and judged."""

    policy: DraftPolicy = DraftPolicy.CATALOGUE
    checks: CheckRules = field(default_factory=CheckRules)
    temperatures: tuple[float, ...] = (0.0, 0.2, 0.4)
    """Tried in turn on a row whose checks fail, in the full window; none: every row is decoded once.

    Source: openai/whisper, transcribe.py, cut off where sampling only invents (SYSTRAN/faster-whisper #600).
    """
    look_ahead_ms: int = 600_000
    """Audio that may wait for its batch to fill: memory against batch size."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One decoding of one segment, waiting for its batch."""

    item: SegmentAudio
    plan: DraftPlan
    request: Request
    n_earlier: int = 0
    best: tuple[Recognition, Checked, float] | None = None
    """The least bad of the earlier attempts, and its temperature."""

    def temperature(self, rules: DraftRules) -> float:
        """0 for the first, then up the ladder; a model in short context gets the full window at 0 first."""
        return 0.0 if self.n_earlier == 0 else rules.temperatures[self.n_earlier - 1]


def draft_segments(
    items: Iterable[SegmentAudio], recogniser: Recogniser, *, rules: DraftRules | None = None
) -> Generator[tuple[SegmentAudio, Draft | NoDraft]]:
    """A draft or a reasoned no-draft for each segment; one that fails never takes others with it.

    Close the generator to stop early: what is being decoded is waited for, nothing more is read.
    """
    return _Drafting(recogniser, rules or DraftRules()).run(items)


class _Drafting:
    """One run over a stream of segments."""

    def __init__(self, recogniser: Recogniser, rules: DraftRules) -> None:
        self._recogniser = recogniser
        self._rules = rules
        self._plans: dict[str, DraftPlan | NoDraft] = {}
        self._waiting: dict[Hashable, list[_Attempt]] = {}
        self._waiting_ms = 0
        self._in_flight: dict[Future[list[Recognition]], list[_Attempt]] = {}

    def run(self, items: Iterable[SegmentAudio]) -> Generator[tuple[SegmentAudio, Draft | NoDraft]]:
        n_parallel = self._recogniser.n_parallel
        with ReadingAhead(items) as ahead, ThreadPoolExecutor(n_parallel) as pool:
            while True:
                yield from self._take_in(ahead)
                while len(self._in_flight) < n_parallel and (batch := self._next_batch(ahead.is_exhausted)):
                    temperature = batch[0].temperature(self._rules)
                    requests = [attempt.request for attempt in batch]
                    future = pool.submit(self._recogniser.recognise, requests, temperature=temperature)
                    self._in_flight[future] = batch
                if self._in_flight:
                    has_room = len(self._in_flight) < n_parallel and not ahead.is_exhausted
                    yield from self._finish_some(timeout_s=_LOOK_AGAIN_S if has_room else None)
                elif ahead.is_exhausted:
                    return

    def _take_in(self, ahead: ReadingAhead[SegmentAudio]) -> Iterator[tuple[SegmentAudio, Draft | NoDraft]]:
        """Read until enough audio waits; segments that get no draft leave at once.

        While something is being decoded, reading is not waited for: what is done must not be kept from the caller.
        """
        while self._waiting_ms < self._rules.look_ahead_ms:
            if (self._in_flight or self._has_full_batch()) and not ahead.has_one:
                return
            item = ahead.next_or_none()
            if item is None:
                return
            plan = self._plan(item)
            if isinstance(plan, NoDraft):
                yield item, plan
            else:
                self._add(_Attempt(item, plan, _request(item, plan)))

    def _plan(self, item: SegmentAudio) -> DraftPlan | NoDraft:
        if item.duration_ms > LONGEST_CLIP_MS:
            return NoDraft(NoDraftReason.ENGINE_FAILED, f"{item.duration_ms} ms long, at most {LONGEST_CLIP_MS}")
        tag = item.dialect.tag
        if tag not in self._plans:
            self._plans[tag] = plan_for(item.dialect, self._recogniser.languages, policy=self._rules.policy)
        return self._plans[tag]

    def _add(self, attempt: _Attempt) -> None:
        key = (self._recogniser.batch_key(attempt.request), attempt.temperature(self._rules))
        self._waiting.setdefault(key, []).append(attempt)
        self._waiting_ms += attempt.item.duration_ms

    def _has_full_batch(self) -> bool:
        return any(len(group) >= self._recogniser.batch_size for group in self._waiting.values())

    def _next_batch(self, is_last_call: bool) -> list[_Attempt]:
        """A full batch, else the fullest when nothing more comes in; empty where it is better to wait for more."""
        if not self._waiting:
            return []
        key, group = max(self._waiting.items(), key=lambda entry: len(entry[1]))
        is_full = len(group) >= self._recogniser.batch_size
        if not is_full and not is_last_call and self._waiting_ms < self._rules.look_ahead_ms:
            return []
        batch, rest = group[: self._recogniser.batch_size], group[self._recogniser.batch_size :]
        if rest:
            self._waiting[key] = rest
        else:
            del self._waiting[key]
        self._waiting_ms -= sum(attempt.item.duration_ms for attempt in batch)
        return batch

    def _finish_some(self, *, timeout_s: float | None) -> Iterator[tuple[SegmentAudio, Draft | NoDraft]]:
        done, _ = wait(self._in_flight, timeout=timeout_s, return_when=FIRST_COMPLETED)
        for future in done:
            batch = self._in_flight.pop(future)
            try:
                recognitions = future.result()
            except (RecogniserFailed, RecogniserUnreachable) as error:
                yield from self._alone(batch, error)
            else:
                yield from self._judge(batch, recognitions)

    def _alone(self, batch: Sequence[_Attempt], error: Exception) -> Iterator[tuple[SegmentAudio, Draft | NoDraft]]:
        """Each row of a failed batch by itself, so that only the bad one is lost."""
        for attempt in batch:
            try:
                if len(batch) == 1:
                    raise error
                temperature = attempt.temperature(self._rules)
                recognitions = self._recogniser.recognise([attempt.request], temperature=temperature)
            except (RecogniserFailed, RecogniserUnreachable) as own_error:
                yield attempt.item, NoDraft(NoDraftReason.ENGINE_FAILED, str(own_error), own_error.retryable)
            else:
                yield from self._judge([attempt], recognitions)

    def _judge(
        self, batch: Sequence[_Attempt], recognitions: Sequence[Recognition]
    ) -> Iterator[tuple[SegmentAudio, Draft | NoDraft]]:
        for attempt, recognition in zip(batch, recognitions, strict=True):
            checked = check(recognition, attempt.plan, rules=self._rules.checks)
            this = (recognition, checked, attempt.temperature(self._rules))
            best = this if attempt.best is None else min(attempt.best, this, key=_badness)
            following = self._following(attempt, best)
            if best[1].needs_decoding_again and following is not None:
                self._add(following)
            else:
                yield attempt.item, self._draft(attempt, *best)

    def _following(self, attempt: _Attempt, best: tuple[Recognition, Checked, float]) -> _Attempt | None:
        """The next rung: the full window at 0 where the first was short, then each temperature; None at the end."""
        wide = replace(attempt.request, is_full_window=True)
        n_earlier = attempt.n_earlier + 1
        if n_earlier == 1 and self._recogniser.batch_key(wide) == self._recogniser.batch_key(attempt.request):
            n_earlier = 2
        if n_earlier > len(self._rules.temperatures):
            return None
        return replace(attempt, request=wide, n_earlier=n_earlier, best=best)

    def _draft(self, attempt: _Attempt, recognition: Recognition, checked: Checked, temperature: float) -> Draft:
        flags = checked.flags | set(attempt.plan.flags)
        if attempt.item.segment.is_hard_cut:
            flags |= {DraftFlag.HARD_CUT}
        if self._recogniser.identity.is_for_demo_only:
            flags |= {DraftFlag.DEMO_MODEL}
        text = in_script_of(attempt.plan.dialect, checked.text)
        return Draft(
            text=text,
            model=self._recogniser.identity,
            language=attempt.plan.language,
            average_logprob=recognition.average_logprob,
            no_speech_probability=recognition.no_speech_probability,
            words=_placed(recognition.words, attempt.item, text) if text else (),
            n_tokens=recognition.n_tokens,
            temperature=temperature,
            flags=tuple(flag for flag in DraftFlag if flag in flags),
        )


def _request(item: SegmentAudio, plan: DraftPlan) -> Request:
    return Request(
        samples=item.samples,
        language=plan.language,
        prompt=plan.prompt,
        max_tokens=plan.token_limit(item.duration_ms),
        script=plan.script,
    )


def _badness(tried: tuple[Recognition, Checked, float]) -> tuple[int, float]:
    """Fewest failed checks first, then the highest log-probability."""
    recognition, checked, _ = tried
    return len(checked.flags), -(recognition.average_logprob or 0.0)


def _placed(words: Sequence[Word], item: SegmentAudio, text: str) -> tuple[Word, ...]:
    """Words at their times in the recording, in the script of the text."""
    offset_ms = item.segment.span.start_ms
    spellings = [in_script_of(item.dialect, word.text) for word in words]
    if "".join("".join(spellings).split()) != "".join(text.split()):
        spellings = _cut_like([word.text for word in words], text) or spellings
    return tuple(
        replace(word, text=spelling, span=Span(word.span.start_ms + offset_ms, word.span.end_ms + offset_ms))
        for word, spelling in zip(words, spellings, strict=True)
    )


def _cut_like(words: Sequence[str], text: str) -> list[str] | None:
    """A text without spaces cut at the lengths of these words; None where they do not add up to it.

    Converted as a whole a text may choose other characters than word by word: 头发 and 发 alone differ.
    """
    letters = "".join(text.split())
    if sum(map(len, words)) != len(letters):
        return None
    ends = np.cumsum([len(word) for word in words])
    return [letters[end - len(word) : end] for word, end in zip(words, ends, strict=True)]
