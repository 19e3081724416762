"""`boli segment` shows where recordings are cut, and goes on past those it cannot read."""

from __future__ import annotations

import csv
import io
import json
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from typer.testing import CliRunner

from app.cli import cli

RATE_HZ = 16_000
REAL_AUDIO = Path(__file__).resolve().parents[3] / "shared" / "data" / "audio"

runner = CliRunner()


def buzz(seconds: float) -> npt.NDArray[np.float64]:
    """Syllables of a sound like a voice: harmonics of a wandering pitch, four times a second."""
    times = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * (120 * times + 5 * np.sin(2 * np.pi * times))
    tones = np.sum([np.sin(n * phase) / n for n in range(1, 25)], axis=0)
    return np.asarray(0.1 * tones * np.clip(np.sin(2 * np.pi * 4 * times), 0, 1))


def quiet(seconds: float) -> npt.NDArray[np.float64]:
    return np.random.default_rng(1).standard_normal(int(seconds * RATE_HZ)) * 1e-4


def write_wav(path: Path, *channels: npt.NDArray[np.float64]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((len(channels), 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes((np.stack(channels, axis=1) * 32_767).astype("<i2").tobytes())
    return path


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Two turns, 3 and 4 seconds long, at 2 s and 8 s of a recording of 14 s."""
    return write_wav(tmp_path / "talk.wav", np.concatenate([quiet(2), buzz(3), quiet(3), buzz(4), quiet(2)]))


@pytest.mark.parametrize("vad", ["webrtc", "silero"])
def test_each_turn_is_a_segment(talk: Path, vad: str) -> None:
    result = runner.invoke(cli, ["segment", str(talk), "--dialect", "hi-IN", "--format", "json", "--vad", vad])
    assert result.exit_code == 0, result.output
    (file,) = json.loads(result.stdout)
    assert file["is_readable"]
    assert (file["duration_ms"], file["n_channels"]) == (14_000, 1)
    if vad == "webrtc":  # silero knows a buzz from a voice
        assert [(round(s["start_ms"], -3), round(s["end_ms"], -3)) for s in file["segments"]] == [
            (2_000, 5_000),
            (8_000, 12_000),
        ]


def test_tsv_has_one_line_a_segment_under_a_heading(talk: Path) -> None:
    result = runner.invoke(cli, ["segment", str(talk), "--dialect", "ta-IN", "--format", "tsv"])
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO(result.stdout), delimiter="\t"))
    assert [(row["file"], row["channel"], row["start_cut"]) for row in rows] == [(str(talk), "0", "pause")] * 2
    assert all(int(row["start_ms"]) < int(row["end_ms"]) for row in rows)


def test_the_table_sums_each_file_up(talk: Path) -> None:
    result = runner.invoke(cli, ["segment", str(talk), "--dialect", "hi-IN"])
    assert result.exit_code == 0, result.output
    assert "0:00:07." in result.stdout
    assert "2 segments over" in result.stdout
    assert "of 14.0 s" in result.stdout


def test_the_sides_of_a_call_are_cut_apart(tmp_path: Path) -> None:
    call = write_wav(
        tmp_path / "call.wav",
        np.concatenate([quiet(2), buzz(3), quiet(7)]),
        np.concatenate([quiet(7), buzz(3) * 0.7, quiet(2)]),
    )
    result = runner.invoke(cli, ["segment", str(call), "--dialect", "hi-IN", "--format", "json"])
    (file,) = json.loads(result.stdout)
    assert file["n_channels"] == 2
    assert [segment["channel"] for segment in file["segments"]] == [0, 1]
    assert file["segments"][0]["end_ms"] < 6_000 < file["segments"][1]["start_ms"]


def test_the_longest_segment_is_that_of_the_dialect(tmp_path: Path) -> None:
    lecture = write_wav(tmp_path / "lecture.wav", buzz(60))
    lengths = {}
    for tag in ("pa-Guru-IN", "hi-IN"):
        result = runner.invoke(
            cli, ["segment", str(lecture), "--dialect", tag, "--target-ms", "30000", "--format", "json"]
        )
        segments = json.loads(result.stdout)[0]["segments"]
        assert all(a["end_ms"] <= b["start_ms"] for a, b in pairwise(segments))
        lengths[tag] = max(segment["end_ms"] - segment["start_ms"] for segment in segments)
    assert lengths["pa-Guru-IN"] < lengths["hi-IN"] <= 30_000


def test_silence_has_no_segments_and_is_no_fault(tmp_path: Path) -> None:
    silence = write_wav(tmp_path / "silence.wav", np.zeros(3 * RATE_HZ))
    result = runner.invoke(cli, ["segment", str(silence), "--dialect", "hi-IN"])
    assert result.exit_code == 0, result.output
    assert "silence.wav: no speech found" in result.stdout.replace("\n", "")


def test_a_file_that_cannot_be_read_does_not_stop_the_rest(tmp_path: Path, talk: Path) -> None:
    letter = tmp_path / "letter.wav"
    letter.write_text("Dear sir or madam")
    result = runner.invoke(cli, ["segment", str(letter), str(talk), "--dialect", "hi-IN", "--format", "json"])
    assert result.exit_code == 1
    assert [file["is_readable"] for file in json.loads(result.stdout)] == [False, True]
    assert "letter.wav" in result.stderr


def test_an_unknown_dialect_is_wrong_usage_and_gets_the_nearest_named(talk: Path) -> None:
    result = runner.invoke(cli, ["segment", str(talk), "--dialect", "hindee"])
    assert result.exit_code == 2
    assert "'hindee'" in result.stderr
    assert "hi-IN" in result.stderr


def test_a_folder_without_recordings_is_wrong_usage(tmp_path: Path) -> None:
    result = runner.invoke(cli, ["segment", str(tmp_path), "--dialect", "hi-IN"])
    assert result.exit_code == 2
    assert str(tmp_path) in result.stderr.replace("\n", "")


@pytest.mark.skipif(not REAL_AUDIO.is_dir(), reason="the shared recordings are not on this machine")
def test_every_shared_recording_has_segments_that_hold_most_of_it() -> None:
    result = runner.invoke(cli, ["segment", str(REAL_AUDIO), "--dialect", "hi-IN", "--format", "json"])
    assert result.exit_code == 0, result.stderr
    files = json.loads(result.stdout)
    assert len(files) >= 94
    for file in files:
        covered_ms = sum(segment["end_ms"] - segment["start_ms"] for segment in file["segments"])
        assert covered_ms >= 0.5 * file["duration_ms"], file["file"]
