"""Quality figures of a recording: what a hub should know before people spend hours on it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.audio import SAMPLE_RATE_HZ, AudioBlock, AudioFormat, AudioReader, ChannelPlan, ChannelPolicy
from pipeline.bandwidth import BandwidthMeter
from pipeline.levels import LevelMeter, silence_share, speech_to_noise_db
from pipeline.loudness import LoudnessMeter, integrated_lufs

FULL_SCALE = 0.98
"""At or above it a sample counts as clipped: mu-law ends at 0.980, A-law at 0.984, 8-bit PCM at 0.992."""


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
    """Gathers the quality figures of a recording block by block; ten hours take a few megabytes.

    One decode serves all: `for block in reader.blocks(): meter.feed(block); segmenter.feed(block.samples)`.
    """

    def __init__(self, audio_format: AudioFormat, plan: ChannelPlan) -> None:
        """Measure a recording of this format whose channels follow this plan (`AudioReader.format`, `.plan`)."""
        self._rate_hz = audio_format.rate_hz
        self._weights = np.asarray(plan.weights)
        self._n_samples = 0
        self._sums = np.zeros(audio_format.n_channels)
        self._clipped = np.zeros(audio_format.n_channels, dtype=np.int64)
        self._bandwidth = BandwidthMeter(audio_format.n_channels, audio_format.rate_hz)
        self._loudness = LoudnessMeter(len(plan.weights), SAMPLE_RATE_HZ)
        self._levels = LevelMeter(len(plan.weights), SAMPLE_RATE_HZ)

    def feed(self, block: AudioBlock) -> None:
        """Take in the next block."""
        source = block.source
        self._n_samples += source.shape[1]
        self._sums += source.sum(axis=1, dtype=np.float64)
        self._clipped += np.count_nonzero(np.abs(source) >= FULL_SCALE, axis=1)
        self._bandwidth.feed(source)
        self._loudness.feed(block.samples)
        self._levels.feed(block.samples)

    def figures(self) -> tuple[ChannelQuality, ...]:
        """The figures so far, one entry a transcribed channel.

        A mixed channel has the highest clipping share and bandwidth of those that went into it: mixing hides neither.
        """
        n_samples = max(1, self._n_samples)
        heard = self._weights != 0
        clipping = (heard * self._clipped / n_samples).max(axis=1)
        bandwidth = (heard * np.array(self._bandwidth.bandwidths_hz())).max(axis=1)
        dc_offset = self._weights @ (self._sums / n_samples)
        powers = self._loudness.powers()
        return tuple(
            ChannelQuality(
                duration_ms=self._n_samples * 1000 // self._rate_hz,
                clipping_share=float(clipping[channel]),
                loudness_lufs=integrated_lufs(powers[channel : channel + 1]),
                snr_db=speech_to_noise_db(self._levels.counts[channel]),
                silence_share=silence_share(self._levels.counts[channel]),
                bandwidth_hz=int(bandwidth[channel]),
                dc_offset=float(dc_offset[channel]),
            )
            for channel in range(len(self._weights))
        )


def probe(path: Path, *, policy: ChannelPolicy = ChannelPolicy.AUTO) -> RecordingProbe:
    """Format, hashes and quality figures of a file.

    Raises:
        AudioUnreadable: there is no sound that can be decoded.
    """
    with AudioReader(path, policy=policy) as reader:
        meter = QualityMeter(reader.format, reader.plan)
        for block in reader.blocks():
            meter.feed(block)
    return finished_probe(path, reader, meter)


def finished_probe(path: Path, reader: AudioReader, meter: QualityMeter) -> RecordingProbe:
    """The probe of a file whose blocks have all been read and metered, for a caller that had other use for them too."""
    with path.open("rb") as file:
        file_sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return RecordingProbe(
        format=reader.format,
        file_sha256=file_sha256,
        samples_sha256=reader.samples_sha256,
        size_bytes=path.stat().st_size,
        is_truncated=reader.is_truncated,
        channels=meter.figures(),
    )
