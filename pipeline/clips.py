"""What a browser needs to play and draw a segment: a small Opus file and its peaks, both with some sound around it."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame

from models.values import Segment, Span
from pipeline.audio import SAMPLE_RATE_HZ, SAMPLES_PER_MS, ChannelPolicy, read_clips
from pipeline.clip_span import clip_span
from pipeline.samples import FloatArray

BITS_PER_SECOND = 24_000
PEAK_MS = 10
SAMPLES_PER_PEAK = PEAK_MS * SAMPLES_PER_MS

_VERSION, _SIXTEEN_BITS = 2, 0
_PEAKS_HEADER = struct.Struct("<iIiiIi")
_FULL_SCALE = 32_768


@dataclass(frozen=True, slots=True)
class Clip:
    """A segment for the browser."""

    opus: bytes
    """Ogg Opus, mono; plays from `span.start_ms` on, exactly as long as `span`."""
    peaks: bytes
    span: Span


def make_clips(
    path: Path, segments: Sequence[Segment], *, duration_ms: int, policy: ChannelPolicy = ChannelPolicy.AUTO
) -> Iterator[Clip]:
    """A clip for each segment, in one pass over the recording, of which a few seconds are held in memory.

    segments: sorted by start, else ValueError. Where sound is missing at the end of the recording, a clip is silent.

    Raises:
        AudioUnreadable: there is no sound that can be decoded.
    """
    spans = [clip_span(segment.span, duration_ms=duration_ms) for segment in segments]
    wider = [replace(segment, span=span) for segment, span in zip(segments, spans, strict=True)]
    for span, samples in zip(spans, read_clips(path, wider, policy=policy), strict=True):
        whole = np.pad(samples, (0, span.duration_ms * SAMPLES_PER_MS - len(samples)))
        yield Clip(opus_file(whole), peaks_file(whole), span)


def opus_file(samples: FloatArray) -> bytes:
    """Speech as Ogg Opus. samples: shape (n_samples,), at least one, 16 kHz, in [-1, 1].

    A decoder that heeds the file's pre-skip and end position gives back as many samples, none of them moved.
    Source: RFC 7845, sections 4.2 and 4.4.
    """
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples[np.newaxis], dtype=np.float32), "flt", "mono")
    frame.rate, frame.pts = SAMPLE_RATE_HZ, 0
    written = io.BytesIO()
    with av.open(written, "w", format="ogg") as file:
        stream = file.add_stream(
            "libopus", rate=SAMPLE_RATE_HZ, layout="mono", format="flt", bit_rate=BITS_PER_SECOND,
            options={"application": "voip"},
        )  # fmt: skip
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return written.getvalue()


def peaks_file(samples: FloatArray) -> bytes:
    """Lowest and highest sample of every 10 ms, the last of them perhaps shorter, as 16-bit integers.

    samples: shape (n_samples,), 16 kHz, in [-1, 1]. 16 bits, since quiet field recordings are drawn enlarged.
    Source: BBC audiowaveform, "Data Format", version 2; waveform-data.js and peaks.js read it.
    """
    starts = np.arange(0, len(samples), SAMPLES_PER_PEAK)
    lowest, highest = np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)
    scaled = np.stack([np.floor(lowest * _FULL_SCALE), np.ceil(highest * _FULL_SCALE)], axis=1)
    header = _PEAKS_HEADER.pack(_VERSION, _SIXTEEN_BITS, SAMPLE_RATE_HZ, SAMPLES_PER_PEAK, len(starts), 1)
    pairs = np.clip(scaled, -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2")
    return header + bytes(pairs.data)
