"""Any file becomes the same 16 kHz sound, whole, in blocks or in clips."""

from __future__ import annotations

import csv
from pathlib import Path

import av
import numpy as np
import pytest

from models.values import Segment, Span
from pipeline.audio import SAMPLE_RATE_HZ, AudioReader, ChannelPolicy, read_clips, read_samples, stream_blocks
from pipeline.quality import probe
from pipeline.samples import RateConverter, float_samples
from tests.pipeline.audio_files import KINDS, FloatArray, speech_like, tone, write, write_kind


def wav(path: Path, samples: FloatArray, rate_hz: int = 16_000) -> Path:
    return write(path, samples, rate_hz, container="wav", codec="pcm_s16le")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_file_gives_its_tone_at_16_khz_whatever_its_name_ends_in(tmp_path: Path, kind: str) -> None:
    samples = read_samples(write_kind(tmp_path, kind))
    assert samples.dtype == np.float32
    assert samples.shape[0] == 1
    assert samples.shape[1] / SAMPLE_RATE_HZ == pytest.approx(1.0, abs=0.08)  # codecs pad to whole frames
    middle = samples[0, 4_000:12_000]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * SAMPLE_RATE_HZ / len(middle) == pytest.approx(440, abs=4)
    assert np.sqrt(2 * np.mean(middle**2)) == pytest.approx(0.25, rel=0.25)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 44_100, 96_000])
def test_the_duration_is_kept_at_any_rate(tmp_path: Path, rate_hz: int) -> None:
    samples = read_samples(wav(tmp_path / "a.wav", tone(3.21, rate_hz), rate_hz))
    assert abs(samples.shape[1] - 3.21 * SAMPLE_RATE_HZ) <= 2


def test_the_sound_track_of_a_video_is_read(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with av.open(path, "w") as output:
        video = output.add_stream("mpeg4", rate=25)
        video.width = video.height = 64
        sound = output.add_stream("aac", rate=48_000, layout="mono")
        for number in range(25):
            picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number * 9, dtype=np.uint8), "rgb24")
            output.mux(video.encode(picture))
        output.mux(video.encode(None))
        for start in range(0, 48_000, 1_000):
            frame = av.AudioFrame.from_ndarray(tone(1.0, 48_000)[:, start : start + 1_000], "fltp", "mono")
            frame.rate, frame.pts = 48_000, start
            output.mux(sound.encode(frame))
        output.mux(sound.encode(None))
    assert read_samples(path).shape[1] == pytest.approx(16_000, abs=500)


@pytest.mark.parametrize("n_channels", range(1, 9))
def test_up_to_eight_channels_are_split_or_mixed_as_asked(tmp_path: Path, n_channels: int) -> None:
    sound = np.concatenate([tone(0.5, 16_000, 300 * (channel + 1)) for channel in range(n_channels)])
    path = wav(tmp_path / "a.wav", sound)
    split = read_samples(path, policy=ChannelPolicy.SPLIT)
    assert split.shape == (n_channels, 8_000)
    assert np.abs(split - sound).max() < 1e-3
    mixed = read_samples(path, policy=ChannelPolicy.DOWNMIX)
    assert np.abs(mixed - sound.mean(axis=0)).max() < 1e-3


@pytest.mark.parametrize("n_channels", [5, 6, 8])
def test_surround_sound_of_a_lossy_codec_is_split_and_its_rate_changed(tmp_path: Path, n_channels: int) -> None:
    sound = np.concatenate([tone(0.5, 44_100, 300 * (channel + 1)) for channel in range(n_channels)])
    sound[-1] = 0
    path = write(tmp_path / "a.m4a", sound, 44_100, container="ipod", codec="aac")
    split = read_samples(path, policy=ChannelPolicy.SPLIT)
    assert split.shape[0] == n_channels
    pitches = np.argmax(np.abs(np.fft.rfft(split[:, 1_000:6_000] * np.hanning(5_000), axis=1)), axis=1) * 3.2
    assert len({round(pitch / 100) for pitch in pitches[np.abs(split).max(axis=1) > 0.05]}) >= n_channels - 2


def call() -> FloatArray:
    """Two people in turns, each heard 26 dB lower on the other's side, with line noise."""
    rng = np.random.default_rng(5)
    turns = (np.arange(20 * 8_000) // (2 * 8_000)) % 2
    first, second = speech_like(20, 8_000, seed=1) * (turns == 0), speech_like(20, 8_000, seed=2) * (turns == 1)
    sides = np.concatenate([first + 0.05 * second, second + 0.05 * first])
    return (sides + 1e-3 * rng.standard_normal(sides.shape)).astype(np.float32)


def test_the_sides_of_a_telephone_call_are_kept_apart(tmp_path: Path) -> None:
    samples = read_samples(wav(tmp_path / "call.wav", call(), 8_000))
    assert samples.shape == (2, 20 * SAMPLE_RATE_HZ)


def test_a_call_in_which_one_side_is_silent_at_first_is_kept_apart(tmp_path: Path) -> None:
    late = call()
    late[1, : 12 * 8_000] = 0
    assert len(read_samples(wav(tmp_path / "call.wav", late, 8_000))) == 2


def test_dual_mono_becomes_one_channel_even_at_unlike_levels(tmp_path: Path) -> None:
    voice = speech_like(5, 16_000)
    for second_gain in (1.0, 0.05):
        path = wav(tmp_path / "a.wav", np.concatenate([voice, second_gain * voice]).astype(np.float32))
        assert len(read_samples(path)) == 1


def test_dual_mono_in_opposite_phase_does_not_cancel(tmp_path: Path) -> None:
    voice = speech_like(5, 16_000)
    samples = read_samples(wav(tmp_path / "a.wav", np.concatenate([voice, -voice])))
    assert len(samples) == 1
    assert np.abs(samples - voice).max() < 1e-3


def test_a_stereo_recording_of_one_room_becomes_one_channel(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    voice, other = speech_like(8, 16_000, seed=3), speech_like(8, 16_000, seed=4)
    left = voice + 0.6 * np.roll(other, 9) + 0.01 * rng.standard_normal(voice.shape)
    right = 0.7 * np.roll(voice, 7) + other + 0.01 * rng.standard_normal(voice.shape)
    path = wav(tmp_path / "a.wav", (np.concatenate([left, right]) / 2).astype(np.float32))
    assert len(read_samples(path)) == 1


def test_the_choice_of_channels_does_not_depend_on_the_size_of_blocks(tmp_path: Path) -> None:
    path = wav(tmp_path / "call.wav", call(), 8_000)
    whole = read_samples(path)
    for block_ms in (10, 333, 30_000):
        blocks = np.concatenate(list(stream_blocks(path, block_ms=block_ms)), axis=1)
        assert blocks.shape == whole.shape
        assert np.abs(blocks - whole).max() < 1e-6


def test_clips_are_the_segments_cut_from_the_whole(tmp_path: Path) -> None:
    path = wav(tmp_path / "call.wav", call(), 8_000)
    whole = read_samples(path)
    times = [(0, 1), (0, 20_000), (15, 700), (700, 7_000), (3_000, 4_100), (13_999, 14_001), (19_000, 20_000)]
    segments = [Segment(channel, Span(start, end)) for start, end in times for channel in (0, 1)]
    clips = list(read_clips(path, segments))
    for segment, clip in zip(segments, clips, strict=True):
        assert np.array_equal(clip, whole[segment.channel, segment.span.start_ms * 16 : segment.span.end_ms * 16])


def test_a_clip_past_the_end_is_shorter_or_empty(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(1.0, 16_000))
    segments = [Segment(0, Span(900, 1_500)), Segment(0, Span(1_500, 1_600))]
    assert [len(clip) for clip in read_clips(path, segments)] == [1_600, 0]


@pytest.mark.parametrize("n_samples", [1, 2, 1_000])
def test_a_recording_of_a_few_samples_is_read_by_all(tmp_path: Path, n_samples: int) -> None:
    path = wav(tmp_path / "a.wav", tone(1.0, 48_000)[:, :n_samples], 48_000)
    assert abs(read_samples(path).shape[1] - n_samples / 3) <= 1
    assert probe(path).channels[0].duration_ms == n_samples // 48
    (clip,) = read_clips(path, [Segment(0, Span(0, 500))])
    assert len(clip) == read_samples(path).shape[1]


def test_unsorted_segments_and_missing_channels_are_refused(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(1.0, 16_000))
    with pytest.raises(ValueError, match="sorted"):
        list(read_clips(path, [Segment(0, Span(500, 600)), Segment(0, Span(0, 100))]))
    with pytest.raises(ValueError, match="channel 1"):
        list(read_clips(path, [Segment(1, Span(0, 100))]))


def test_samples_stay_within_full_scale_whatever_a_float_file_holds(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(1.0, 48_000, peak=900.0), 48_000, container="wav", codec="pcm_f32le")
    assert np.abs(read_samples(path)).max() == 1.0


def test_parameters_that_change_in_mid_stream_are_followed(tmp_path: Path) -> None:
    """MP3 files laid end to end, as field recorders and call loggers make them."""
    parts = [(44_100, 1), (22_050, 1), (44_100, 2)]
    joined = b""
    for number, (rate_hz, n_channels) in enumerate(parts):
        sound = np.repeat(tone(1.0, rate_hz), n_channels, axis=0)
        joined += write(tmp_path / f"{number}.mp3", sound, rate_hz, container="mp3", codec="libmp3lame").read_bytes()
    path = tmp_path / "joined.mp3"
    path.write_bytes(joined)
    samples = read_samples(path)
    assert samples.shape[1] == pytest.approx(3 * 16_000, rel=0.06)
    for second in range(3):
        middle = samples[0, second * 16_000 + 5_000 : second * 16_000 + 11_000]
        assert np.sqrt(2 * np.mean(middle**2)) == pytest.approx(0.25, rel=0.1)


def test_names_that_look_like_addresses_are_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("call:2024.wav", "concat:a|b.wav", "कॉल.wav", "take %03d.wav"):
        wav(tmp_path / "plain.wav", tone(0.2, 16_000)).rename(tmp_path / name)
        assert read_samples(Path(name)).shape == (1, 3_200)


def test_the_rate_filter_keeps_speech_and_drops_what_would_fold_back() -> None:
    for frequency_hz, expected in ((1_000, 1.0), (6_500, 1.0), (9_500, 0.0), (15_000, 0.0)):
        converter = RateConverter(48_000, SAMPLE_RATE_HZ)
        out = converter.convert(tone(1.0, 48_000, frequency_hz, peak=1.0))[0, 2_000:14_000]
        assert np.sqrt(2 * np.mean(out**2)) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(("sample_format", "centre"), [("u8", 128), ("s16", 0), ("s32p", 0), ("fltp", 0), ("dblp", 0)])
def test_silence_is_zero_in_every_sample_format(sample_format: str, centre: int) -> None:
    dtype = {"u8": "u1", "s16": "i2", "s32p": "i4", "fltp": "f4", "dblp": "f8"}[sample_format]
    n_rows, n_columns = (2, 10) if sample_format.endswith("p") else (1, 20)
    frame = av.AudioFrame.from_ndarray(np.full((n_rows, n_columns), centre, dtype), sample_format, "stereo")
    samples = float_samples(frame)
    assert samples.shape == (2, 10)
    assert not samples.any()


@pytest.mark.needs_recordings
def test_real_recordings_have_the_rate_channels_and_length_of_their_manifest(real_recordings: Path) -> None:
    with (real_recordings / "manifest.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    differing = []
    for row in rows:
        with AudioReader(real_recordings / row["path"]) as reader:
            n_samples = sum(block.samples.shape[1] for block in reader.blocks())
            assert (reader.format.rate_hz, reader.format.n_channels) == (int(row["sample_rate"]), int(row["channels"]))
            assert not reader.is_truncated, row["path"]
        if abs(n_samples / SAMPLE_RATE_HZ - float(row["duration_s"])) > 0.1:
            differing.append(row["path"])
    # This MP3 of changing bit rate has no frame count in it: the manifest holds a guess from its first frames.
    assert differing == ["nan-TW/0302_15_20_67.mp3"]
