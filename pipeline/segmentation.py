"""From frames to segments: rows that a person corrects and a model drafts.

Segments of a channel never overlap, never leave the recording and cover every speech span; the same frames give the
same segments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.values import CutKind, Segment, Span
from pipeline.dialects.catalogue import Dialect
from pipeline.speech import SPEECH_RULES, WEBRTC_SPEECH, SpeechRules, Times, is_loud, moving_average, runs, speech_spans
from pipeline.vad import Curve, Detector, Frames

__all__ = ["DEFAULT_TARGET_MS", "SegmentRules", "SpeechRules", "plan_segments", "rules_for", "speech_spans"]

DEFAULT_TARGET_MS = 9_000
"""A row that a person hears once, keeps in mind and types; short windows are also far cheaper to draft."""
_QUIET_DIP_DB = 3.0
_QUIET_SMOOTHING_FRAMES = 3


@dataclass(frozen=True, slots=True)
class SegmentRules:
    """How speech spans become segments."""

    longest_ms: int
    """No segment is longer: the language's token budget."""
    target_ms: int
    """Neighbours are merged across pauses while the result stays within this."""
    speech: SpeechRules = WEBRTC_SPEECH
    preferred_pause_ms: int = 200
    """A pause of this length is a better place to cut than any quiet frame."""
    longest_merged_pause_ms: int = 1_500
    """Speech further apart than this stays in segments of its own."""
    shortest_ms: int = 1_000
    """A shorter segment joins a neighbour or takes in the silence around it."""

    def __post_init__(self) -> None:
        if not 0 < 2 * self.shortest_ms <= self.longest_ms or not 0 < self.target_ms <= self.longest_ms:
            raise ValueError(
                "segments need 0 < target_ms <= longest_ms and 0 < 2 * shortest_ms <= longest_ms, got "
                f"target_ms={self.target_ms}, longest_ms={self.longest_ms}, shortest_ms={self.shortest_ms}"
            )


@dataclass(frozen=True, slots=True)
class _Piece:
    """Speech that is not cut further, and the pause that follows it."""

    segment: Segment
    pause_after_ms: int


def rules_for(dialect: Dialect, *, target_ms: int | None = None, detector: Detector = Detector.WEBRTC) -> SegmentRules:
    """Rules that keep the dialect's token budget; `target_ms` None: rows of a length that people correct well."""
    longest_ms = dialect.longest_segment_ms
    target = min(DEFAULT_TARGET_MS if target_ms is None else target_ms, longest_ms)
    return SegmentRules(longest_ms=longest_ms, target_ms=target, speech=SPEECH_RULES[detector])


def plan_segments(frames: Frames, rules: SegmentRules, *, channel: int, duration_ms: int) -> list[Segment]:
    """Segments of one channel, in order.

    duration_ms: length of the channel; the last frame may reach past it, segments do not.
    """
    spans = [
        Span(span.start_ms, min(span.end_ms, duration_ms))
        for span in speech_spans(frames, rules.speech)
        if span.start_ms < duration_ms
    ]
    pieces = _pieces(frames, rules, spans, channel=channel, duration_ms=duration_ms)
    segments = [_joined(group[0].segment, group[-1].segment) for group in _groups(pieces, rules)]
    return _widened(_without_short(segments, rules), rules, duration_ms=duration_ms)


def _pieces(
    frames: Frames, rules: SegmentRules, spans: Sequence[Span], *, channel: int, duration_ms: int
) -> list[_Piece]:
    """Spans cut at every pause that is long enough, then, where still too long, at quiet frames."""
    pause_starts, pause_ends = _pauses(frames, rules)
    loudness = moving_average(frames.energy_db, _QUIET_SMOOTHING_FRAMES)
    pieces: list[_Piece] = []
    for index, span in enumerate(spans):
        inside = slice(np.searchsorted(pause_starts, span.start_ms, "right"), np.searchsorted(pause_ends, span.end_ms))
        cuts = [int(middle) for middle in (pause_starts[inside] + pause_ends[inside]) // 2]
        following_ms = spans[index + 1].start_ms if index + 1 < len(spans) else duration_ms
        last_pause_ms = following_ms - span.end_ms + rules.speech.padding_before_ms + rules.speech.padding_after_ms
        pauses_ms = [*(int(length) for length in pause_ends[inside] - pause_starts[inside]), last_pause_ms]
        for start_ms, end_ms, pause_ms in zip([span.start_ms, *cuts], [*cuts, span.end_ms], pauses_ms, strict=True):
            *first, last = _quiet_cut(Segment(channel, Span(start_ms, end_ms)), loudness, frames.frame_ms, rules)
            pieces += [_Piece(part, 0) for part in first]
            pieces.append(_Piece(last, pause_ms))
    return pieces


def _pauses(frames: Frames, rules: SegmentRules) -> tuple[Times, Times]:
    """Starts and ends, in milliseconds, of the stretches without speech that are long enough to cut in."""
    is_speech = is_loud(frames, rules.speech) & (frames.probability >= rules.speech.onset)
    starts, ends = runs(~is_speech)
    starts, ends = starts * frames.frame_ms, ends * frames.frame_ms
    is_long = ends - starts >= rules.preferred_pause_ms
    return starts[is_long], ends[is_long]


def _quiet_cut(segment: Segment, loudness: Curve, frame_ms: int, rules: SegmentRules) -> Iterator[Segment]:
    """The segment in parts of at most the longest length, each cut at the quietest frame of its second half.

    Source: WhisperX's and FireRedVAD's minimum over the second half of the window, taken here on energy.
    """
    while segment.span.duration_ms > rules.longest_ms:
        start_ms, end_ms = segment.span.start_ms, segment.span.end_ms
        latest_ms = min(start_ms + rules.longest_ms, end_ms - rules.shortest_ms)
        first, last = -(-(start_ms + rules.longest_ms // 2) // frame_ms), latest_ms // frame_ms
        window = loudness[first:last]
        quietest = int(np.argmin(window)) if len(window) else 0
        is_dip = len(window) > 0 and window[quietest] <= np.median(window) - _QUIET_DIP_DB
        cut_ms = (first + quietest) * frame_ms + frame_ms // 2 if is_dip else latest_ms
        cut_kind = CutKind.QUIET if is_dip else CutKind.HARD
        yield replace(segment, span=Span(start_ms, cut_ms), end_cut=cut_kind)
        segment = replace(segment, span=Span(cut_ms, end_ms), start_cut=cut_kind)
    yield segment


def _groups(pieces: Sequence[_Piece], rules: SegmentRules) -> Iterator[Sequence[_Piece]]:
    """Pieces that make a segment: up to the target length, parted at the longest pause of its second half."""
    first = 0
    while first < len(pieces):
        end = first + 1
        while end < len(pieces) and _may_join(pieces, first, end, rules):
            end += 1
        if end < len(pieces) and pieces[end - 1].pause_after_ms <= rules.longest_merged_pause_ms:
            middle_ms = pieces[first].segment.span.start_ms + rules.target_ms // 2
            late = [
                n
                for n in range(first + 1, end + 1)
                if pieces[n - 1].segment.span.end_ms >= middle_ms and _leaves_enough(pieces, n, rules)
            ]
            end = max(late, key=lambda n: (pieces[n - 1].pause_after_ms, n), default=end)
        yield pieces[first:end]
        first = end


def _may_join(pieces: Sequence[_Piece], first: int, last: int, rules: SegmentRules) -> bool:
    is_near = pieces[last - 1].pause_after_ms <= rules.longest_merged_pause_ms
    return is_near and pieces[last].segment.span.end_ms - pieces[first].segment.span.start_ms <= rules.target_ms


def _leaves_enough(pieces: Sequence[_Piece], first: int, rules: SegmentRules) -> bool:
    """Whether the pieces from `first` on, up to a long pause, make at least the shortest segment."""
    earliest_end_ms = pieces[first].segment.span.start_ms + rules.shortest_ms
    last = first
    while last + 1 < len(pieces) and pieces[last].segment.span.end_ms < earliest_end_ms:
        if pieces[last].pause_after_ms > rules.longest_merged_pause_ms:
            return False
        last += 1
    return pieces[last].segment.span.end_ms >= earliest_end_ms


def _without_short(segments: Sequence[Segment], rules: SegmentRules) -> list[Segment]:
    """Short segments joined to the nearer neighbour, where that is near and the whole not too long."""
    kept: list[Segment] = []
    for index, segment in enumerate(segments):
        following = segments[index + 1] if index + 1 < len(segments) else None
        if kept and _should_join(kept[-1], segment, following, rules):
            kept[-1] = _joined(kept[-1], segment)
        else:
            kept.append(segment)
    return kept


def _should_join(before: Segment, segment: Segment, following: Segment | None, rules: SegmentRules) -> bool:
    gap_ms = segment.span.start_ms - before.span.end_ms
    is_possible = gap_ms <= rules.longest_merged_pause_ms and (
        segment.span.end_ms - before.span.start_ms <= rules.longest_ms
    )
    if before.span.duration_ms < rules.shortest_ms:
        return is_possible
    is_short = segment.span.duration_ms < rules.shortest_ms
    is_nearest = following is None or gap_ms <= following.span.start_ms - segment.span.end_ms
    return is_possible and is_short and is_nearest


def _joined(first: Segment, last: Segment) -> Segment:
    return replace(first, span=Span(first.span.start_ms, last.span.end_ms), end_cut=last.end_cut)


def _widened(segments: Sequence[Segment], rules: SegmentRules, *, duration_ms: int) -> list[Segment]:
    """Segments that are still short take in what is around them, at most half of each gap."""
    starts = [segment.span.start_ms for segment in segments]
    ends = [segment.span.end_ms for segment in segments]
    halves = [(start - end) // 2 for end, start in zip(ends, starts[1:], strict=False)]
    rooms = [*starts[:1], *halves, duration_ms - max(ends, default=0)]
    widened: list[Segment] = []
    for segment, before, after in zip(segments, rooms, rooms[1:], strict=False):
        missing_ms = max(0, rules.shortest_ms - segment.span.duration_ms)
        taken_before = min(before, max(missing_ms // 2, missing_ms - after))
        taken_after = min(after, missing_ms - taken_before)
        span = Span(segment.span.start_ms - taken_before, segment.span.end_ms + taken_after)
        widened.append(replace(segment, span=span))
    return widened
