"""Clips play and draw exactly the sound of their segments."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.values import Segment, Span
from pipeline.audio import SAMPLE_RATE_HZ, read_samples
from pipeline.clip_span import CONTEXT_MS, clip_span
from pipeline.clips import BITS_PER_SECOND, PEAK_MS, make_clips, opus_file, peaks_file
from tests.pipeline.audio_files import FloatArray, speech_like, write

OPUS_RATE_HZ = 48_000
PRE_SKIP = 312


def wav(path: Path, samples: FloatArray, rate_hz: int = SAMPLE_RATE_HZ) -> Path:
    return write(path, samples, rate_hz, container="wav", codec="pcm_s16le")


def decoded(opus: bytes) -> FloatArray:
    """What a player hears, at 48 kHz."""
    with av.open(io.BytesIO(opus), "r") as file:
        resampler = av.AudioResampler("flt", "mono", OPUS_RATE_HZ)
        frames = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    sound: FloatArray = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    return sound


def lag_ms(heard: FloatArray, source: FloatArray) -> float:
    """How much later `heard` (48 kHz) is than `source` (16 kHz)."""
    brought_up = np.interp(np.arange(len(heard)) / 3, np.arange(len(source)), source)
    size = 2 * max(len(heard), len(brought_up))
    correlation = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(brought_up, size)))
    place = int(np.argmax(correlation))
    return (place - size if place > size / 2 else place) * 1000 / OPUS_RATE_HZ


def granules(opus: bytes) -> tuple[int, int]:
    """Pre-skip and last granule position, as the file says. Source: RFC 3533, section 6; RFC 7845, section 5.1."""
    head = opus.index(b"OpusHead")
    last_page = opus.rindex(b"OggS")
    return struct.unpack_from("<H", opus, head + 10)[0], struct.unpack_from("<q", opus, last_page + 6)[0]


def peaks_of(file: bytes) -> tuple[tuple[int, ...], list[tuple[int, int]]]:
    pairs = struct.iter_unpack("<hh", file[24:])
    return struct.unpack("<iIiiIi", file[:24]), [(low, high) for low, high in pairs]


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100])
def test_a_clip_is_as_long_as_its_span_and_not_moved(tmp_path: Path, rate_hz: int) -> None:
    path = wav(tmp_path / "talk.wav", speech_like(20, rate_hz), rate_hz)
    whole = read_samples(path)[0]
    segments = [
        Segment(0, Span(start, start + length)) for start, length in [(50, 1_000), (3_217, 2_345), (17_001, 2_999)]
    ]
    clips = list(make_clips(path, segments, duration_ms=20_000))
    assert [(clip.span.start_ms, clip.span.end_ms) for clip in clips] == [(0, 1_250), (3_017, 5_762), (16_801, 20_000)]
    for clip in clips:
        heard = decoded(clip.opus)
        assert len(heard) == clip.span.duration_ms * OPUS_RATE_HZ // 1000
        source = whole[clip.span.start_ms * 16 : clip.span.end_ms * 16]
        assert abs(lag_ms(heard, source)) < 1


@pytest.mark.parametrize("n_samples", [1, 100, 319, 320, 16_000, 16_123, 163_841])
def test_the_file_itself_says_where_its_sound_begins_and_ends(n_samples: int) -> None:
    sound = speech_like(n_samples / SAMPLE_RATE_HZ + 0.1, SAMPLE_RATE_HZ)[0, :n_samples]
    pre_skip, end = granules(opus_file(sound))
    assert pre_skip == PRE_SKIP
    assert end - pre_skip == n_samples * OPUS_RATE_HZ // SAMPLE_RATE_HZ


def test_a_clip_is_small_enough_for_a_thin_line() -> None:
    opus = opus_file(speech_like(30, SAMPLE_RATE_HZ)[0])
    assert len(opus) * 8 / 30 < BITS_PER_SECOND * 1.15


def test_the_sides_of_a_call_are_cut_apart(tmp_path: Path) -> None:
    turns = (np.arange(20 * 8_000) // (2 * 8_000)) % 2
    sides = np.concatenate(
        [speech_like(20, 8_000, seed=1) * (turns == 0), speech_like(20, 8_000, seed=2) * (turns == 1)]
    )
    path = wav(tmp_path / "call.wav", sides.astype(np.float32), 8_000)
    segments = [Segment(0, Span(4_300, 5_700)), Segment(1, Span(4_300, 5_700)), Segment(1, Span(6_300, 7_700))]
    loud = [float(np.abs(decoded(clip.opus)).max()) for clip in make_clips(path, segments, duration_ms=20_000)]
    assert [level > 0.02 for level in loud] == [True, False, True]


def test_a_clip_whose_sound_is_missing_at_the_end_is_silent_there(tmp_path: Path) -> None:
    path = wav(tmp_path / "cut.wav", speech_like(2, SAMPLE_RATE_HZ))
    (clip,) = make_clips(path, [Segment(0, Span(1_500, 4_000))], duration_ms=4_000)
    assert clip.span == Span(1_300, 4_000)
    heard = decoded(clip.opus)
    assert len(heard) == 2_700 * 48
    assert np.abs(heard[800 * 48 :]).max() < 1e-3


@given(
    arrays(np.float32, st.integers(1, 700), elements=st.floats(-1, 1, width=32)),
)
@settings(max_examples=60, deadline=None)
def test_peaks_are_the_lowest_and_highest_sample_of_each_ten_milliseconds(samples: FloatArray) -> None:
    header, pairs = peaks_of(peaks_file(samples))
    stretches = [samples[start : start + 160] for start in range(0, len(samples), 160)]
    assert header == (2, 0, 16_000, 160, len(stretches), 1)
    assert len(pairs) == len(stretches)
    for (low, high), stretch in zip(pairs, stretches, strict=True):
        assert low <= min(stretch) * 32_768 < low + 1 or low == -32_768
        assert high - 1 < max(stretch) * 32_768 <= high or high == 32_767


def test_peaks_and_sound_cover_the_same_time(tmp_path: Path) -> None:
    path = wav(tmp_path / "talk.wav", speech_like(5, SAMPLE_RATE_HZ))
    (clip,) = make_clips(path, [Segment(0, Span(1_003, 2_004))], duration_ms=5_000)
    _, pairs = peaks_of(clip.peaks)
    assert len(pairs) == -(-clip.span.duration_ms // PEAK_MS)
    source = read_samples(path)[0, clip.span.start_ms * 16 : clip.span.end_ms * 16]
    assert max(high for _, high in pairs) == int(np.ceil(source.max() * 32_768))


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(-5, 5_000))
def test_context_stays_within_the_recording_and_never_cuts_the_segment(start: int, length: int, after: int) -> None:
    segment = Span(start, start + length)
    wider = clip_span(segment, duration_ms=segment.end_ms + after)
    assert wider.start_ms == max(0, start - CONTEXT_MS)
    assert segment.end_ms <= wider.end_ms <= max(segment.end_ms, segment.end_ms + min(after, CONTEXT_MS))


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux tells the most memory that a process had"
)
def test_memory_does_not_grow_with_the_recording(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from models.values import Segment, Span; "
        "from pipeline.clips import make_clips; length = int(sys.argv[2]); "
        "starts = range(0, length, length // 10); "
        "clips = make_clips(Path(sys.argv[1]), [Segment(0, Span(s, s + 5000)) for s in starts], duration_ms=length); "
        "n = sum(1 for _ in clips); status = Path('/proc/self/status').read_text(); "
        "print(n, status.split('VmHWM:')[1].split()[0])"
    )
    peaks_kb = []
    for minutes in (1, 60):
        path = tmp_path / f"{minutes}.wav"
        wav(path, np.tile(speech_like(60, 8_000), (1, minutes)), 8_000)
        out = subprocess.run(
            [sys.executable, "-c", code, path, str(minutes * 60_000)],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        n_clips, peak_kb = map(int, out.stdout.split())
        assert n_clips == 10
        peaks_kb.append(peak_kb)
    assert peaks_kb[1] - peaks_kb[0] < 20_000
