"""Drafts are batched by shape, checked, tried again where a check fails, and never lost together."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from models.values import CutKind, Draft, DraftFlag, ModelIdentity, NoDraft, NoDraftReason, Segment, Span, Word
from pipeline.asr.recogniser import Recognition, Request
from pipeline.dialects import get_dialect
from pipeline.drafting import DraftRules, SegmentAudio, draft_segments
from pipeline.errors import RecogniserFailed

GOOD = "गाँव में पानी और बाज़ार है"


@dataclass
class ScriptedRecogniser:
    """Answers by the length of the clip: a list of texts, one an attempt; an exception is raised."""

    answers: dict[int, list[Recognition | Exception]] = field(default_factory=dict)
    languages: frozenset[str] | None = frozenset({"hi", "ta", "zh"})
    batch_size: int = 4
    n_parallel: int = 2
    has_short_context: bool = True
    has_fixed_cost: bool = False
    calls: list[tuple[list[int], float, bool]] = field(default_factory=list)
    identity: ModelIdentity = field(default_factory=lambda: ModelIdentity("scripted", "scripted", "1"))

    def batch_key(self, request: Request) -> Hashable:
        return request.is_full_window if self.has_short_context else True

    def recognise(self, requests: Sequence[Request], *, temperature: float = 0.0) -> list[Recognition]:
        lengths = [len(request.samples) for request in requests]
        self.calls.append((lengths, temperature, requests[0].is_full_window))
        recognitions = []
        for n_samples in lengths:
            answer = self.answers.get(n_samples, [Recognition(GOOD, average_logprob=-0.1)])
            given = answer.pop(0) if len(answer) > 1 else answer[0]
            if isinstance(given, Exception):
                raise given
            recognitions.append(given)
        return recognitions

    def align(self, requests: Sequence[Request], texts: Sequence[str]) -> list[tuple[Word, ...]]:
        return [() for _ in texts]


def audio(key: int, *, tag: str = "hi-IN", n_samples: int = 16_000, cut: CutKind = CutKind.PAUSE) -> SegmentAudio:
    start_ms = 1000 * key
    segment = Segment(0, Span(start_ms, start_ms + max(1, n_samples // 16)), end_cut=cut)
    return SegmentAudio(key, get_dialect(tag), segment, np.zeros(n_samples, np.float32))


def drafts(items: Sequence[SegmentAudio], recogniser: ScriptedRecogniser) -> dict[Hashable, Draft | NoDraft]:
    return {item.key: draft for item, draft in draft_segments(items, recogniser)}


def only(items: Sequence[SegmentAudio], recogniser: ScriptedRecogniser) -> Draft:
    (draft,) = drafts(items, recogniser).values()
    assert isinstance(draft, Draft)
    return draft


def test_every_segment_comes_out_once_and_batches_are_full() -> None:
    recogniser = ScriptedRecogniser()
    out = list(draft_segments([audio(i) for i in range(11)], recogniser))
    assert sorted(item.key for item, _ in out) == list(range(11))  # type: ignore[type-var] # the keys here are int
    assert sorted((len(lengths) for lengths, _, _ in recogniser.calls), reverse=True) == [4, 4, 3]


def test_a_good_row_is_decoded_once_without_flags() -> None:
    recogniser = ScriptedRecogniser()
    draft = only([audio(1)], recogniser)
    assert (draft.text, draft.flags, draft.language) == (GOOD, (), "hi")
    assert len(recogniser.calls) == 1


def test_every_draft_of_a_model_for_demonstration_says_so() -> None:
    recogniser = ScriptedRecogniser(identity=ModelIdentity("scripted", "s", "1", is_for_demo_only=True))
    draft = only([audio(1)], recogniser)
    assert (draft.text, draft.flags) == (GOOD, (DraftFlag.DEMO_MODEL,))
    assert len(recogniser.calls) == 1


def test_a_loop_is_decoded_again_in_the_full_window_then_up_the_ladder() -> None:
    loop = Recognition("पानी " * 30, average_logprob=-0.2)
    recogniser = ScriptedRecogniser({16_000: [loop, loop, loop, Recognition(GOOD, average_logprob=-0.3)]})
    draft = only([audio(1)], recogniser)
    assert (draft.text, draft.flags, draft.temperature) == (GOOD, (), 0.4)
    assert [call[1:] for call in recogniser.calls] == [(0.0, False), (0.0, True), (0.2, True), (0.4, True)]


def test_a_model_without_short_context_is_not_asked_the_same_twice() -> None:
    loop = Recognition("पानी " * 30, average_logprob=-0.2)
    recogniser = ScriptedRecogniser({16_000: [loop]}, has_short_context=False)
    draft = only([audio(1)], recogniser)
    assert draft.flags == (DraftFlag.LOOP,)
    assert [temperature for _, temperature, _ in recogniser.calls] == [0.0, 0.2, 0.4]


def test_the_least_bad_attempt_is_kept() -> None:
    worse = Recognition("পানি " * 30, average_logprob=-1.5)
    bad = Recognition("পানি বাজার", average_logprob=-0.2)
    recogniser = ScriptedRecogniser({16_000: [worse, bad, worse, worse]})
    draft = only([audio(1)], recogniser)
    assert (draft.text, draft.flags) == ("পানি বাজার", (DraftFlag.SCRIPT_MISMATCH,))


def test_only_failing_rows_are_decoded_again() -> None:
    loop = Recognition("पानी " * 30, average_logprob=-0.2)
    recogniser = ScriptedRecogniser({320: [loop]})
    drafts([audio(0), audio(1, n_samples=320), audio(2)], recogniser)
    assert all(lengths == [320] for lengths, _, _ in recogniser.calls[1:])


def test_one_failing_clip_does_not_take_its_batch_along() -> None:
    recogniser = ScriptedRecogniser({320: [RecogniserFailed("no more memory")]})
    out = drafts([audio(0), audio(1, n_samples=320), audio(2)], recogniser)
    assert out[1] == NoDraft(NoDraftReason.ENGINE_FAILED, "no more memory")
    assert all(isinstance(out[key], Draft) for key in (0, 2))


def test_a_variety_without_a_token_gets_a_reasoned_no_draft() -> None:
    out = drafts([audio(0, tag="or-IN"), audio(1)], ScriptedRecogniser())
    assert isinstance(out[0], NoDraft)
    assert out[0].reason is NoDraftReason.DIALECT_NOT_DRAFTED
    assert "Odia" in out[0].detail


def test_a_variety_of_the_hindi_belt_is_drafted_with_the_nearest_token_and_says_so() -> None:
    draft = only([audio(0, tag="bho-IN")], ScriptedRecogniser())
    assert draft.language == "hi"
    assert draft.flags == (DraftFlag.NO_TOKEN_LANGUAGE,)


def test_cantonese_falls_back_to_mandarin_with_a_cantonese_prompt() -> None:
    recogniser = ScriptedRecogniser({16_000: [Recognition("佢喺街市", average_logprob=-0.1)]})
    seen: list[Request] = []
    recognise = recogniser.recognise

    def noting(requests: Sequence[Request], *, temperature: float = 0.0) -> list[Recognition]:
        seen.extend(requests)
        return recognise(requests, temperature=temperature)

    recogniser.recognise = noting  # type: ignore[method-assign] # wraps the real one to see the requests
    draft = only([audio(0, tag="yue-Hant-HK")], recogniser)
    assert draft.flags == (DraftFlag.NO_TOKEN_LANGUAGE,)
    assert (seen[0].language, seen[0].prompt) == ("zh", get_dialect("yue-Hant-HK").prompt)


def test_mandarin_comes_out_in_the_script_of_the_variety_with_its_words() -> None:
    words = (Word("農", Span(0, 100)), Word("民", Span(100, 200)))
    recognition = Recognition("農民", average_logprob=-0.1, words=words)
    recogniser = ScriptedRecogniser({16_000: [recognition]})
    draft = only([audio(3, tag="cmn-Hans-CN")], recogniser)
    assert draft.text == "农民"
    assert [(word.text, word.span) for word in draft.words] == [("农", Span(3000, 3100)), ("民", Span(3100, 3200))]


def test_silence_and_known_phrases_are_dropped_and_flagged() -> None:
    silent = Recognition("कुछ भी", average_logprob=-1.4, no_speech_probability=0.9)
    outro = Recognition("请不吝点赞,订阅,转发,打赏支持明镜与点点栏目!", average_logprob=-0.1)
    recogniser = ScriptedRecogniser({16_000: [silent], 320: [outro]})
    out = drafts([audio(0), audio(1, tag="cmn-Hans-CN", n_samples=320)], recogniser)
    assert isinstance(out[0], Draft)
    assert isinstance(out[1], Draft)
    assert (out[0].text, out[0].flags) == ("", (DraftFlag.NO_SPEECH, DraftFlag.EMPTY))
    assert (out[1].text, out[1].flags) == ("", (DraftFlag.BLOCKLIST_HIT, DraftFlag.EMPTY))
    assert len(recogniser.calls) == 1


def test_hard_cuts_and_token_caps_are_flagged() -> None:
    recogniser = ScriptedRecogniser({16_000: [Recognition(GOOD, average_logprob=-0.1, is_capped=True)]})
    draft = only([audio(0, cut=CutKind.HARD)], recogniser)
    assert draft.flags == (DraftFlag.TOKEN_CAP_HIT, DraftFlag.HARD_CUT)


def test_a_clip_beyond_thirty_seconds_is_refused_by_itself() -> None:
    out = drafts([audio(0, n_samples=31 * 16_000), audio(1)], ScriptedRecogniser())
    assert isinstance(out[0], NoDraft)
    assert "31000 ms" in out[0].detail
    assert isinstance(out[1], Draft)


def test_an_error_while_reading_audio_reaches_the_caller_after_what_was_read() -> None:
    def items() -> Iterator[SegmentAudio]:
        yield audio(0)
        raise OSError("disk gone")

    with pytest.raises(OSError, match="disk gone"):
        list(draft_segments(items(), ScriptedRecogniser()))


def test_reading_never_runs_far_ahead() -> None:
    n_read = 0

    def items() -> Iterator[SegmentAudio]:
        nonlocal n_read
        for i in range(500):
            n_read += 1
            yield audio(i)

    stream = draft_segments(items(), ScriptedRecogniser(), rules=DraftRules(look_ahead_ms=10_000))
    next(stream)
    time.sleep(0.2)
    assert n_read < 60
    stream.close()  # half-way, as Ctrl-C does
    assert threading.active_count() < 10
