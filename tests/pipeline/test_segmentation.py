"""Segments tile speech: no overlap, nothing lost, nothing too long, whatever the frames."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.values import CutKind, Segment, Span
from pipeline.dialects.catalogue import Dialect, Direction, ScoringUnit
from pipeline.segmentation import SegmentRules, plan_segments, rules_for
from pipeline.speech import WEBRTC_SPEECH, SpeechRules, speech_spans
from pipeline.vad import Detector, Frames

FRAME_MS = 30
LOUD_DB, QUIET_DB = -20.0, -60.0
PLAIN = SpeechRules(smoothing_ms=0, onset=0.5, offset=0.5, padding_before_ms=0, padding_after_ms=0, merge_gap_ms=0)
UNGATED = replace(PLAIN, gate_over_floor_db=-100.0)


def frames_of(*stretches: tuple[str, int]) -> Frames:
    """Frames from stretches such as ("speech", 3000); times are multiples of a frame."""
    is_speech = np.concatenate([np.full(ms // FRAME_MS, kind == "speech") for kind, ms in stretches])
    energy = np.where(is_speech, LOUD_DB, QUIET_DB).astype(np.float32)
    return Frames(FRAME_MS, is_speech.astype(np.float32), energy)


def planned(frames: Frames, rules: SegmentRules) -> list[Segment]:
    return plan_segments(frames, rules, channel=0, duration_ms=len(frames) * frames.frame_ms)


@st.composite
def any_frames(draw: st.DrawFn) -> tuple[Frames, int]:
    """Frames with speech, pauses and levels in any order, and a duration that may end within the last frame."""
    frame_ms = draw(st.sampled_from([30, 32]))
    stretches = draw(st.lists(st.tuples(st.integers(1, 400), st.booleans(), st.floats(-90, -5)), max_size=25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    flips = draw(st.sampled_from([0.0, 0.05, 0.3]))
    speech = np.concatenate([np.zeros(0, np.bool_), *(np.full(n, is_speech) for n, is_speech, _ in stretches)])
    level = np.concatenate([np.zeros(0), *(np.full(n, db) for n, _, db in stretches)])
    speech ^= rng.random(len(speech)) < flips
    energy = np.clip(level + rng.normal(0, 3, len(level)), -100, 0)
    frames = Frames(frame_ms, speech.astype(np.float32), energy.astype(np.float32))
    return frames, max(0, len(frames) * frame_ms - draw(st.integers(0, frame_ms - 1)))


@st.composite
def any_rules(draw: st.DrawFn) -> SegmentRules:
    longest_ms = draw(st.integers(2_000, 30_000))
    speech = draw(st.sampled_from([WEBRTC_SPEECH, PLAIN, replace(PLAIN, gate_over_floor_db=0.0, min_speech_ms=0)]))
    return SegmentRules(
        longest_ms=longest_ms,
        target_ms=draw(st.integers(1_000, longest_ms)),
        speech=speech,
        preferred_pause_ms=draw(st.integers(60, 400)),
        longest_merged_pause_ms=draw(st.integers(0, 3_000)),
        shortest_ms=draw(st.integers(1, 1_000)),
    )


@settings(deadline=None)
@given(any_frames(), any_rules())
def test_segments_never_overlap_never_leave_the_recording_and_are_never_too_long(
    sound: tuple[Frames, int], rules: SegmentRules
) -> None:
    frames, duration_ms = sound
    segments = plan_segments(frames, rules, channel=1, duration_ms=duration_ms)
    assert all(a.span.end_ms <= b.span.start_ms for a, b in pairwise(segments))
    assert all(segment.span.end_ms <= duration_ms for segment in segments)
    assert all(segment.span.duration_ms <= rules.longest_ms for segment in segments)
    assert {segment.channel for segment in segments} <= {1}


@settings(deadline=None)
@given(any_frames(), any_rules())
def test_segments_cover_every_speech_span(sound: tuple[Frames, int], rules: SegmentRules) -> None:
    frames, duration_ms = sound
    is_covered = np.zeros(duration_ms, dtype=np.bool_)
    for segment in plan_segments(frames, rules, channel=0, duration_ms=duration_ms):
        is_covered[segment.span.start_ms : segment.span.end_ms] = True
    for span in speech_spans(frames, rules.speech):
        assert is_covered[span.start_ms : span.end_ms].all()


@settings(deadline=None)
@given(any_frames(), any_rules())
def test_the_same_frames_give_the_same_segments(sound: tuple[Frames, int], rules: SegmentRules) -> None:
    frames, duration_ms = sound
    copy = Frames(frames.frame_ms, frames.probability.copy(), frames.energy_db.copy())
    plan = plan_segments(frames, rules, channel=0, duration_ms=duration_ms)
    assert plan == plan_segments(copy, rules, channel=0, duration_ms=duration_ms)


@settings(deadline=None)
@given(any_frames(), any_rules())
def test_edges_that_were_cut_in_running_speech_meet_and_agree(sound: tuple[Frames, int], rules: SegmentRules) -> None:
    frames, duration_ms = sound
    segments = plan_segments(frames, rules, channel=0, duration_ms=duration_ms)
    for before, after in pairwise(segments):
        if CutKind.PAUSE not in (before.end_cut, after.start_cut):
            assert before.end_cut == after.start_cut
            assert before.span.end_ms == after.span.start_ms
        else:
            assert before.end_cut == after.start_cut == CutKind.PAUSE
    if segments:
        assert segments[0].start_cut == segments[-1].end_cut == CutKind.PAUSE


@settings(deadline=None)
@given(any_frames(), any_rules())
def test_a_segment_is_short_only_where_nothing_is_left_to_take_in(
    sound: tuple[Frames, int], rules: SegmentRules
) -> None:
    frames, duration_ms = sound
    segments = plan_segments(frames, rules, channel=0, duration_ms=duration_ms)
    edges = [0, *(edge for segment in segments for edge in (segment.span.start_ms, segment.span.end_ms)), duration_ms]
    for index, segment in enumerate(segments):
        if segment.span.duration_ms < rules.shortest_ms:
            gaps = (segment.span.start_ms - edges[2 * index], edges[2 * index + 3] - segment.span.end_ms)
            assert max(gaps) <= rules.shortest_ms


@settings(deadline=None)
@given(any_frames())
def test_speech_spans_are_in_order_and_apart(sound: tuple[Frames, int]) -> None:
    frames, _ = sound
    spans = speech_spans(frames, WEBRTC_SPEECH)
    assert all(b.start_ms - a.end_ms >= WEBRTC_SPEECH.merge_gap_ms for a, b in pairwise(spans))
    assert all(span.end_ms <= len(frames) * frames.frame_ms for span in spans)


def test_padding_takes_at_most_half_of_the_gap() -> None:
    rules = replace(PLAIN, padding_before_ms=500, padding_after_ms=500)
    frames = frames_of(("pause", 3_000), ("speech", 1_500), ("pause", 600), ("speech", 1_500), ("pause", 3_000))
    assert speech_spans(frames, replace(rules, padding_after_ms=0)) == [Span(2_500, 4_500), Span(4_800, 6_600)]
    assert speech_spans(frames, rules) == [Span(2_500, 7_100)]


def test_a_pause_is_cut_in_its_middle_before_any_quiet_frame() -> None:
    frames = frames_of(("speech", 9_000), ("pause", 240), ("speech", 9_000))
    frames.energy_db[150] = -50.0
    first, second = planned(frames, SegmentRules(10_000, 10_000, replace(WEBRTC_SPEECH, gate_over_floor_db=0.0)))
    assert first.span == Span(0, 9_120)
    assert second.span == Span(9_120, 18_240)
    assert first.end_cut is second.start_cut is CutKind.PAUSE


def test_running_speech_is_cut_at_the_quietest_frame_of_the_second_half() -> None:
    frames = frames_of(("speech", 15_000))
    frames.energy_db[100] = -40.0
    frames.energy_db[250] = -35.0
    first, second = planned(frames, SegmentRules(10_000, 10_000, UNGATED))
    assert abs(first.span.end_ms - 250 * FRAME_MS) <= 2 * FRAME_MS
    assert second.span == Span(first.span.end_ms, 15_000)
    assert first.end_cut is second.start_cut is CutKind.QUIET


def test_speech_without_a_quieter_frame_is_cut_at_the_limit_and_says_so() -> None:
    frames = frames_of(("speech", 18_000))
    first, second = planned(frames, SegmentRules(10_000, 10_000, UNGATED))
    assert (first.span, second.span) == (Span(0, 10_000), Span(10_000, 18_000))
    assert first.end_cut is second.start_cut is CutKind.HARD
    assert first.is_hard_cut
    assert second.is_hard_cut


def test_a_cut_leaves_no_scrap_behind() -> None:
    frames = frames_of(("speech", 10_200))
    first, second = planned(frames, SegmentRules(10_000, 10_000, UNGATED))
    assert second.span.duration_ms >= 1_000
    assert first.span.end_ms == second.span.start_ms


def test_neighbours_are_merged_up_to_the_target_and_parted_at_the_longest_pause() -> None:
    phrases = (("speech", 2_100), ("pause", 600), ("speech", 2_100), ("pause", 900), ("speech", 2_100), ("pause", 600))
    frames = frames_of(*phrases, ("speech", 2_100), ("pause", 3_000), ("speech", 2_100), ("pause", 3_000))
    spans = [segment.span for segment in planned(frames, SegmentRules(9_000, 8_400, PLAIN))]
    assert spans == [Span(0, 4_800), Span(5_700, 10_500), Span(13_500, 15_600)]


def test_a_short_word_joins_the_nearer_neighbour() -> None:
    stretches = (("speech", 3_900), ("pause", 900), ("speech", 300), ("pause", 600), ("speech", 3_900))
    spans = [
        segment.span for segment in planned(frames_of(*stretches, ("pause", 900)), SegmentRules(5_000, 4_000, PLAIN))
    ]
    assert spans == [Span(0, 3_900), Span(4_800, 9_600)]


def test_a_word_alone_takes_in_the_silence_around_it() -> None:
    frames = frames_of(("pause", 6_000), ("speech", 300), ("pause", 6_000))
    (segment,) = planned(frames, SegmentRules(5_000, 5_000, PLAIN))
    assert segment.span == Span(5_650, 6_650)
    at_the_end = frames_of(("pause", 6_000), ("speech", 300))
    (segment,) = planned(at_the_end, SegmentRules(5_000, 5_000, PLAIN))
    assert segment.span == Span(5_300, 6_300)


def test_a_level_change_does_not_silence_the_quieter_speaker() -> None:
    turns = [("speech", 1_500), ("pause", 1_500)] * 20
    frames = frames_of(*turns, *turns)
    half = len(frames) // 2
    frames.energy_db[:half] -= 25.0
    covered = sum(span.duration_ms for span in speech_spans(frames, WEBRTC_SPEECH) if span.end_ms <= half * FRAME_MS)
    assert covered >= 20 * 1_500


@pytest.mark.parametrize(
    ("longest_ms", "target_ms", "shortest_ms"), [(1_000, 1_000, 600), (5_000, 6_000, 500), (5_000, 0, 500), (0, 0, 0)]
)
def test_rules_that_cannot_be_kept_are_refused(longest_ms: int, target_ms: int, shortest_ms: int) -> None:
    with pytest.raises(ValueError, match=f"got target_ms={target_ms}, longest_ms={longest_ms}"):
        SegmentRules(longest_ms, target_ms, shortest_ms=shortest_ms)


def test_speech_rules_with_an_offset_over_the_onset_are_refused() -> None:
    with pytest.raises(ValueError, match=r"got 0\.9 and 0\.5"):
        SpeechRules(onset=0.5, offset=0.9)


def _dialect(longest_segment_ms: int) -> Dialect:
    return Dialect(
        tag="pa-Guru-IN",
        iso639_3="pan",
        english_name="Punjabi",
        own_name="ਪੰਜਾਬੀ",
        scripts=("Guru",),
        direction=Direction.LTR,
        parent=None,
        countries=("IN",),
        regions=(),
        whisper_token="pa",
        nearest_token=None,
        is_drafted=True,
        prompt=None,
        longest_segment_ms=longest_segment_ms,
        scoring_unit=ScoringUnit.WORD,
        profile="guru-pa/1",
    )


def test_rules_keep_the_token_budget_of_the_dialect() -> None:
    assert rules_for(_dialect(6_000)).target_ms == rules_for(_dialect(6_000)).longest_ms == 6_000
    assert rules_for(_dialect(28_000)).target_ms < rules_for(_dialect(28_000)).longest_ms == 28_000
    assert rules_for(_dialect(28_000), target_ms=30_000).target_ms == 28_000
    assert rules_for(_dialect(6_000), detector=Detector.SILERO).speech != rules_for(_dialect(6_000)).speech
