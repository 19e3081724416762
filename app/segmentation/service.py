"""Files cut into segments, one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.values import Segment
from pipeline.errors import AudioUnreadable
from pipeline.intake import take_in
from pipeline.segmentation import SegmentRules
from pipeline.vad import Detector


@dataclass(frozen=True, slots=True)
class SegmentedFile:
    """One file and where it is cut, or the reason why it could not be read."""

    path: Path
    duration_ms: int = 0
    n_channels: int = 0
    """Transcribed channels: the two sides of a call, otherwise one."""
    segments: tuple[Segment, ...] = ()
    """In order of channel, then time."""
    fault: AudioUnreadable | None = None

    @property
    def speech_share(self) -> float | None:
        """Length of the segments over the length of the channels, in [0, 1]; None where there is no sound."""
        whole_ms = self.duration_ms * self.n_channels
        return sum(segment.span.duration_ms for segment in self.segments) / whole_ms if whole_ms else None

    @property
    def n_hard_cuts(self) -> int:
        """Segments that may begin or end within a word."""
        return sum(segment.is_hard_cut for segment in self.segments)


def segment_files(paths: Iterable[Path], rules: SegmentRules, *, detector: Detector) -> Iterator[SegmentedFile]:
    """Each file with its segments, in order; one that cannot be read does not stop the rest.

    Raises:
        ModelUnavailable: the silero network is asked for and not installed.
    """
    for path in paths:
        try:
            intake = take_in(path, rules, detector=detector)
        except AudioUnreadable as fault:
            yield SegmentedFile(path, fault=fault)
            continue
        channels = intake.probe.channels
        duration_ms = max(channel.duration_ms for channel in channels)
        segments = tuple(segment for channel in intake.segments for segment in channel)
        yield SegmentedFile(path, duration_ms, len(channels), segments)
