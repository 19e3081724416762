"""Sound of any file as 16 kHz float32, streamed, one row for each channel that is transcribed.

Samples live here: everything after this stage speaks in milliseconds.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Self

import numpy as np

from models.values import Segment
from pipeline.channels import LOOK_S, ChannelPlan, ChannelPolicy, channel_plan, needs_look
from pipeline.decoding import AudioFormat, PcmReader
from pipeline.samples import FloatArray, RateConverter

__all__ = [
    "BLOCK_MS",
    "SAMPLE_RATE_HZ",
    "AudioBlock",
    "AudioFormat",
    "AudioReader",
    "ChannelPlan",
    "ChannelPolicy",
    "read_clips",
    "read_samples",
    "stream_blocks",
]


SAMPLE_RATE_HZ = 16_000
SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000
BLOCK_MS = 2_000


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """A stretch of a recording, as the file holds it and as the pipeline hears it.

    The two cover the same time but for the few milliseconds that the rate filter holds back.
    """

    source: FloatArray
    """Shape (n_file_channels, n_samples) at the file's own rate, full scale 1.0; may pass it."""
    samples: FloatArray
    """Shape (n_out_channels, n_samples), 16 kHz, in [-1, 1]."""


class AudioReader:
    """One pass over a recording that serves all who need its sound: quality figures, segmentation, clips.

    After `blocks()` has ended, `is_truncated` and `samples_sha256` are known.
    """

    def __init__(self, path: Path, *, policy: ChannelPolicy = ChannelPolicy.AUTO, block_ms: int = BLOCK_MS) -> None:
        """Open a recording, to be read in blocks of about `block_ms`, and decide on its channels.

        Raises:
            AudioUnreadable: there is no sound that can be decoded.
        """
        self._pcm = PcmReader(path)
        try:
            self._chunks, self.plan = _decided(self._pcm, policy, block_ms)
        except BaseException:
            self._pcm.close()
            raise
        self._hashes = [hashlib.sha256() for _ in range(self.format.n_channels)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._pcm.close()

    @property
    def format(self) -> AudioFormat:
        """How the file stores its sound."""
        return self._pcm.format

    @property
    def is_truncated(self) -> bool:
        """Whether sound is missing: a broken end, or packets that did not decode."""
        return self._pcm.is_damaged

    @property
    def samples_sha256(self) -> str:
        """Hash of the sound: equal for equal samples at an equal rate, whatever the container, codec or name.

        sha256 of `boli-samples-1 <rate_hz> <n_channels>`, a line feed, and for each channel of the file in order the
        sha256 of its samples as little-endian float32, full scale 1.0 (exact up to 24 bits).
        """
        whole = hashlib.sha256(f"boli-samples-1 {self.format.rate_hz} {self.format.n_channels}\n".encode())
        for channel in self._hashes:
            whole.update(channel.digest())
        return whole.hexdigest()

    def blocks(self) -> Iterator[AudioBlock]:
        """The recording from start to end; can be run once.

        Raises:
            AudioUnreadable: a float file holds values that are not numbers.
        """
        converter = RateConverter(self.format.rate_hz, SAMPLE_RATE_HZ)
        for source in self._chunks:
            for digest, channel in zip(self._hashes, source, strict=True):
                digest.update(channel.astype("<f4", copy=False).data)
            yield AudioBlock(source, _limited(converter.convert(self.plan.applied(source))))
        rest = converter.rest(len(self.plan.weights))
        yield AudioBlock(np.zeros((self.format.n_channels, 0), dtype=np.float32), _limited(rest))


def stream_blocks(
    path: Path, *, policy: ChannelPolicy = ChannelPolicy.AUTO, block_ms: int = BLOCK_MS
) -> Iterator[FloatArray]:
    """The sound of a recording in blocks of about `block_ms`, shape (n_out_channels, n_samples), 16 kHz, in [-1, 1].

    At least one block, of no samples where the recording is too short for one. A truncated file gives what could be
    decoded; packets that are broken are passed over.

    Raises:
        AudioUnreadable: there is no sound that can be decoded.
    """
    is_begun = False
    with AudioReader(path, policy=policy, block_ms=block_ms) as reader:
        for block in reader.blocks():
            if block.samples.shape[1]:
                is_begun = True
                yield block.samples
        if not is_begun:
            yield np.zeros((len(reader.plan.weights), 0), dtype=np.float32)


def read_samples(path: Path, *, policy: ChannelPolicy = ChannelPolicy.AUTO) -> FloatArray:
    """A whole recording, shape (n_out_channels, n_samples), 16 kHz, in [-1, 1]: 3.7 MB a channel and minute.

    Raises:
        AudioUnreadable: there is no sound that can be decoded.
    """
    return np.concatenate(list(stream_blocks(path, policy=policy)), axis=1)


def read_clips(
    path: Path, segments: Sequence[Segment], *, policy: ChannelPolicy = ChannelPolicy.AUTO
) -> Iterator[FloatArray]:
    """The sound of each segment, shape (n_samples,), 16 kHz, in [-1, 1], in one pass over the file.

    segments: sorted by start, else ValueError, so that no more than the longest segment is held in memory. A segment
    that runs past the end of the recording gives a clip that is shorter, or empty.

    Raises:
        AudioUnreadable: there is no sound that can be decoded.
    """
    starts = [segment.span.start_ms for segment in segments]
    if starts != sorted(starts):
        raise ValueError("clips are cut in one pass: segments must be sorted by start_ms")
    if not segments:
        return
    window = _Window(stream_blocks(path, policy=policy))
    for segment in segments:
        yield window.clip(segment)


class _Window:
    """The part of a stream of blocks that coming segments may still need."""

    def __init__(self, blocks: Iterator[FloatArray]) -> None:
        self._blocks = blocks
        self._samples: FloatArray = next(blocks)
        self._start = 0

    def clip(self, segment: Segment) -> FloatArray:
        if segment.channel >= len(self._samples):
            raise ValueError(f"segment of channel {segment.channel}, but the recording has {len(self._samples)}")
        first, last = segment.span.start_ms * SAMPLES_PER_MS, segment.span.end_ms * SAMPLES_PER_MS
        self._advance(first, last)
        return self._samples[segment.channel, max(0, first - self._start) : max(0, last - self._start)].copy()

    def _advance(self, first: int, last: int) -> None:
        """Drop what lies before sample `first`, and read on up to sample `last`."""
        pieces = [self._dropped(self._samples, first)]
        end = self._start + pieces[0].shape[1]
        while end < last and (block := next(self._blocks, None)) is not None:
            if not pieces[0].shape[1]:
                self._start = end
                pieces = []
            end += block.shape[1]
            pieces.append(self._dropped(block, first) if not pieces else block)
        self._samples = np.concatenate(pieces, axis=1) if len(pieces) > 1 else pieces[0]

    def _dropped(self, samples: FloatArray, first: int) -> FloatArray:
        """The samples from `first` on, where `samples` begin at `self._start`; moves the start along."""
        n_past = min(max(0, first - self._start), samples.shape[1])
        self._start += n_past
        return samples[:, n_past:]


def _decided(pcm: PcmReader, policy: ChannelPolicy, block_ms: int) -> tuple[Iterator[FloatArray], ChannelPlan]:
    """The recording's chunks, all of them, and the plan for its channels, made from the first ones."""
    chunks = pcm.chunks(block_ms)
    n_channels, rate_hz = pcm.format.n_channels, pcm.format.rate_hz
    if not needs_look(policy, n_channels):
        return chunks, channel_plan(policy, n_channels, [], rate_hz=rate_hz)
    looked_at: deque[FloatArray] = deque()
    while sum(chunk.shape[1] for chunk in looked_at) < LOOK_S * rate_hz and (chunk := next(chunks, None)) is not None:
        looked_at.append(chunk)
    plan = channel_plan(policy, n_channels, looked_at, rate_hz=rate_hz)
    return chain(_emptied(looked_at), chunks), plan


def _emptied(chunks: deque[FloatArray]) -> Iterator[FloatArray]:
    while chunks:
        yield chunks.popleft()


def _limited(samples: FloatArray) -> FloatArray:
    return np.clip(samples, -1.0, 1.0)
