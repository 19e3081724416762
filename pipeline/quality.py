"""Quality figures of a recording: what a hub should know before people spend hours on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.audio import AudioBlock, AudioFormat, ChannelPlan, ChannelPolicy


@dataclass(frozen=True, slots=True)
class ChannelQuality:
    """Figures of one transcribed channel."""

    duration_ms: int
    clipping_share: float
    """Share of the file's samples at full scale, in [0, 1]."""
    loudness_lufs: float | None
    """Integrated loudness of this channel alone; None when all of it lies below -70 LUFS."""
    snr_db: float | None
    """Estimated speech-to-noise ratio; None when there is too little sound to tell."""
    silence_share: float
    """Share of the time without sound, in [0, 1]."""
    bandwidth_hz: int
    """Highest frequency that carries sound."""
    dc_offset: float
    """Mean of the samples, in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class RecordingProbe:
    """Everything about a file that is known without listening to it."""

    format: AudioFormat
    file_sha256: str
    samples_sha256: str
    size_bytes: int
    is_truncated: bool
    channels: tuple[ChannelQuality, ...]


class QualityMeter:
    """Gathers the quality figures of a recording block by block, in memory that does not grow with its sound.

    One decode serves all: `for block in reader.blocks(): meter.feed(block); segmenter.feed(block.samples)`.
    """

    def __init__(self, audio_format: AudioFormat, plan: ChannelPlan) -> None:
        """Measure a recording of this format whose channels follow this plan (`AudioReader.format`, `.plan`)."""

    def feed(self, block: AudioBlock) -> None:
        """Take in the next block."""

    def figures(self) -> tuple[ChannelQuality, ...]:
        """The figures so far, one entry a transcribed channel."""
        raise NotImplementedError


def probe(path: Path, *, policy: ChannelPolicy = ChannelPolicy.AUTO) -> RecordingProbe:
    """Format, hashes and quality figures of a file.

    Raises:
        AudioUnreadable: there is no sound that can be decoded.
    """
    raise NotImplementedError
