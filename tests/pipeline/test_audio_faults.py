"""Files that are not what they seem: what each error says, and what is kept of a damaged recording."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline import decoding
from pipeline.audio import read_samples
from pipeline.errors import AudioUnreadable
from pipeline.quality import probe
from tests.pipeline.audio_files import speech_like, tone, write, write_kind


def refusal(path: Path) -> AudioUnreadable:
    with pytest.raises(AudioUnreadable) as caught:
        probe(path)
    assert caught.value.file == str(path)
    assert caught.value.remedy
    assert not caught.value.retryable
    return caught.value


def test_a_missing_file_a_folder_and_an_empty_file_are_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    assert "no such file" in refusal(tmp_path / "missing.wav").reason
    assert "folder" in refusal(tmp_path).reason
    assert "empty (0 bytes)" in refusal(tmp_path / "empty.wav").reason


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    assert "pipe" in refusal(tmp_path / "pipe.wav").reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_read_permission_is_refused(tmp_path: Path) -> None:
    path = write_kind(tmp_path, "wav16")
    path.chmod(0)
    assert "not permitted" in refusal(path).reason


def test_an_unreadable_file_is_refused_for_a_user_without_rights(tmp_path: Path, repository: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user; the test above covers the rest")
    path = write_kind(tmp_path, "wav16")
    path.chmod(0)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    child = os.fork()
    if child == 0:
        os.setuid(65_534)
        try:
            probe(path)
        except AudioUnreadable as fault:
            os._exit(0 if "not permitted" in fault.reason else 3)
        os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("text", ["namaste\n" * 50, "नमस्ते दुनिया।\n" * 400, "{'a': 1}", "<html><body>404</body></html>"])
@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".amr"])
def test_text_with_the_name_of_a_recording_is_called_text(tmp_path: Path, text: str, suffix: str) -> None:
    path = tmp_path / f"talk{suffix}"
    path.write_text(text, encoding="utf-8")
    assert "text" in refusal(path).reason


@pytest.mark.parametrize("text", ["#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n", "ffconcat version 1.0\nfile "])
def test_a_play_list_never_opens_the_files_it_names(tmp_path: Path, text: str) -> None:
    secret = write_kind(tmp_path, "mp3")
    path = tmp_path / "list.m3u8"
    path.write_text(text + f"{secret}\n")
    assert "play list" in refusal(path).reason


def test_archives_and_encrypted_files_are_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.wav", "w") as archive:
        archive.writestr("talk.wav", bytes(9_000))
    (tmp_path / "b.wav").write_bytes(b"Salted__" + os.urandom(9_000))
    (tmp_path / "c.wav").write_bytes(bytes([200, 1, 177]) + os.urandom(9_000))
    (tmp_path / "d.wav").write_bytes(bytes(9_000))
    assert "ZIP" in refusal(tmp_path / "a.wav").reason
    assert "encrypted (OpenSSL)" in refusal(tmp_path / "b.wav").reason
    assert "encrypted" in refusal(tmp_path / "c.wav").reason
    assert "zero bytes" in refusal(tmp_path / "d.wav").reason


def test_copy_protected_sound_is_called_encrypted(tmp_path: Path) -> None:
    scheme = {
        "encryption_scheme": "cenc-aes-ctr",
        "encryption_key": "76a6c65c5ea762046bd749a2e632ccbb",
        "encryption_kid": "a7e61c373e219033c21091fa607bf3b8",
    }
    sound = speech_like(2, 44_100)
    path = write(tmp_path / "common.m4a", sound, 44_100, container="mp4", codec="aac", options=scheme)
    assert "encrypted" in refusal(path).reason
    old = tmp_path / "old.m4p"
    old.write_bytes(write_kind(tmp_path, "m4a", sound).read_bytes().replace(b"mp4a", b"drms"))
    assert "encrypted" in refusal(old).reason


def test_a_wav_without_samples_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav_header(0))
    assert "no sample" in refusal(path).reason


def test_a_video_without_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    with av.open(path, "w") as output:
        stream = output.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        output.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")))
        output.mux(stream.encode(None))
    assert "no sound track" in refusal(path).reason


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_numbers_are_refused_with_their_time(tmp_path: Path, value: float) -> None:
    sound = tone(3.0, 16_000)
    sound[0, 40_000:40_010] = value
    path = write(tmp_path / "a.wav", sound, 16_000, container="wav", codec="pcm_f32le")
    fault = refusal(path)
    assert "not numbers" in fault.reason
    assert "2.500 s" in fault.reason


def test_more_than_eight_channels_and_absurd_rates_are_refused(tmp_path: Path) -> None:
    many, slow = tmp_path / "many.wav", tmp_path / "slow.wav"
    many.write_bytes(wav_header(1_800, n_channels=9) + bytes(1_800))
    slow.write_bytes(wav_header(800, rate_hz=7) + bytes(800))
    assert "9 channels" in refusal(many).reason
    assert "7 Hz" in refusal(slow).reason


@pytest.mark.parametrize("kind", ["wav16", "wav24", "mulaw", "flac", "mp3", "opus", "alaw", "aiff", "caf", "mka"])
@pytest.mark.parametrize("share", [0.3, 0.61, 0.9])
def test_a_truncated_file_keeps_what_was_there_and_is_flagged(tmp_path: Path, kind: str, share: float) -> None:
    rate_hz = {"wav24": 44_100, "mulaw": 8_000, "alaw": 8_000, "mp3": 44_100, "opus": 48_000}.get(kind, 16_000)
    rate_hz = {"aiff": 32_000}.get(kind, rate_hz)
    whole = write_kind(tmp_path, kind, speech_like(10, rate_hz))
    assert not probe(whole).is_truncated
    content = whole.read_bytes()
    cut = tmp_path / "cut.bin"
    cut.write_bytes(content[: round(len(content) * share)])
    found = probe(cut)
    assert found.is_truncated
    assert found.channels[0].duration_ms == pytest.approx(10_000 * share, rel=0.25)
    before = read_samples(whole)[0]
    kept = read_samples(cut)[0]
    n_equal = round(len(kept) * 0.8)
    assert np.abs(kept[:n_equal] - before[:n_equal]).max() < 1e-3


def test_a_wav_cut_between_two_packets_is_flagged(tmp_path: Path) -> None:
    content = write_kind(tmp_path, "wav16", speech_like(10, 16_000)).read_bytes()
    path = tmp_path / "cut.wav"
    start = content.index(b"data") + 8
    for n_bytes in (4_096, 65_536, 200_000):
        path.write_bytes(content[: start + n_bytes])
        assert probe(path).is_truncated


@pytest.mark.parametrize("claimed_bytes", [0, 0xFFFF_FFFF])
def test_a_recorder_that_never_wrote_the_length_is_no_truncation(tmp_path: Path, claimed_bytes: int) -> None:
    path = tmp_path / "a.wav"
    samples = (speech_like(2, 16_000)[0] * 32_767).astype("<i2").tobytes()
    path.write_bytes(wav_header(claimed_bytes) + samples)
    found = probe(path)
    assert found.channels[0].duration_ms == 2_000
    assert not found.is_truncated


def test_a_phone_video_whose_index_was_never_written_says_so(tmp_path: Path) -> None:
    content = write_kind(tmp_path, "m4a", speech_like(5, 44_100)).read_bytes()
    path = tmp_path / "cut.m4a"
    path.write_bytes(content[: len(content) // 2])
    assert "moov" in refusal(path).reason


@pytest.mark.parametrize("kind", ["mp3", "flac", "opus"])
def test_damage_in_the_middle_is_passed_over_and_flagged(tmp_path: Path, kind: str) -> None:
    rate_hz = {"mp3": 44_100, "opus": 48_000}.get(kind, 16_000)
    content = bytearray(write_kind(tmp_path, kind, speech_like(10, rate_hz)).read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4_000] = np.random.default_rng(1).bytes(4_000)
    path = tmp_path / "damaged.bin"
    path.write_bytes(content)
    found = probe(path)
    assert found.channels[0].duration_ms > 6_000
    assert found.is_truncated


def test_sound_past_the_limit_is_left_unread_and_flagged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_SAMPLES", 80_000)
    found = probe(write_kind(tmp_path, "flac", speech_like(20, 16_000)))
    assert found.is_truncated
    assert 5_000 <= found.channels[0].duration_ms <= 8_000


def test_a_header_that_claims_two_to_the_sixty_samples_costs_neither_time_nor_memory(
    tmp_path: Path, repository: Path
) -> None:
    """Wave64 has 64-bit sizes; so have RF64 and the sample counts of others."""
    riff, wave, fmt, fact, data = (
        bytes.fromhex(guid)
        for guid in (
            "726966662E91CF11A5D628DB04C10000",
            "77617665F3ACD3118CD100C04F8EDB8A",
            "666D7420F3ACD3118CD100C04F8EDB8A",
            "66616374F3ACD3118CD100C04F8EDB8A",
            "64617461F3ACD3118CD100C04F8EDB8A",
        )
    )
    path = tmp_path / "claims.w64"
    path.write_bytes(
        riff + struct.pack("<Q", 2**61) + wave
        + fmt + struct.pack("<Q", 40) + struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16)
        + fact + struct.pack("<QQ", 32, 2**60)
        + data + struct.pack("<Q", 2**61) + bytes(32_000)
    )  # fmt: skip
    program = (
        "import sys; from pathlib import Path; from pipeline.quality import probe\n"
        "found = probe(Path(sys.argv[1]))\n"
        "peak = Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]  # ru_maxrss begins at a parent's\n"
        "print(found.channels[0].duration_ms, found.is_truncated, peak)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    duration_ms, is_truncated, peak_kib = done.stdout.split()
    assert (duration_ms, is_truncated) == ("1000", "True")
    assert int(peak_kib) < 200 * 1024
    assert not done.stderr


def wav_header(n_bytes: int, *, rate_hz: int = 16_000, n_channels: int = 1) -> bytes:
    """A RIFF header for 16-bit PCM that claims `n_bytes` of samples."""
    frame = 2 * n_channels
    kind = struct.pack("<HHIIHH", 1, n_channels, rate_hz, rate_hz * frame, frame, 16)
    size = min(36 + n_bytes, 0xFFFF_FFFF)
    return (
        b"RIFF"
        + struct.pack("<I", size)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + kind
        + b"data"
        + struct.pack("<I", n_bytes)
    )
