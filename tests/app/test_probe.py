"""`boli probe` as a person and a program use it."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli import cli

RUNNER = CliRunner()


def write_wav(path: Path, *, seconds: float = 2.0, gain: float = 0.1, rate_hz: int = 16_000, seed: int = 0) -> Path:
    """Bursts of noise with pauses between them."""
    rng = np.random.default_rng(seed)
    n_samples = round(seconds * rate_hz)
    bursts = rng.standard_normal(n_samples) * (np.arange(n_samples) // (rate_hz // 4) % 2 + 0.002)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((np.clip(gain * bursts, -1, 1) * 32_767).astype("<i2").tobytes())
    return path


def test_a_table_names_the_file_and_its_figures_and_the_exit_code_is_0(tmp_path: Path) -> None:
    result = RUNNER.invoke(cli, ["probe", str(write_wav(tmp_path / "talk.wav"))])
    assert result.exit_code == 0
    assert "talk.wav" in result.output
    assert "0:00:02.0" in result.output
    assert "LUFS" in result.output


def test_json_holds_every_figure_of_every_file_in_the_order_given(tmp_path: Path) -> None:
    second, first = write_wav(tmp_path / "b.wav", seed=1), write_wav(tmp_path / "a.wav", seed=2)
    result = RUNNER.invoke(cli, ["probe", "--format", "json", str(second), str(first)])
    assert result.exit_code == 0
    records = json.loads(result.output)
    assert [Path(record["file"]).name for record in records] == ["b.wav", "a.wav"]
    assert records[0]["format"] == {
        "container": "wav", "codec": "pcm_s16le", "rate_hz": 16_000, "n_channels": 1, "duration_ms": 2_000,
    }  # fmt: skip
    assert set(records[0]["channels"][0]) == {
        "duration_ms", "clipping_share", "loudness_lufs", "snr_db", "silence_share", "bandwidth_hz", "dc_offset",
    }  # fmt: skip
    assert records[0]["is_readable"] is True
    assert len(records[0]["samples_sha256"]) == len(records[0]["file_sha256"]) == 64


def test_one_bad_file_does_not_stop_the_rest_and_the_exit_code_is_1(tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("only words")
    write_wav(tmp_path / "talk.wav")
    table = RUNNER.invoke(cli, ["probe", str(tmp_path)])
    assert table.exit_code == 1
    assert "talk.wav" in table.output
    assert "holds text, not sound" in table.output
    records = json.loads(RUNNER.invoke(cli, ["probe", "--format", "json", str(tmp_path)]).output)
    assert [record["is_readable"] for record in records] == [False, True]
    assert "text" in records[0]["reason"]
    assert "Expected" in records[0]["remedy"]


def test_a_missing_file_is_a_bad_file(tmp_path: Path) -> None:
    result = RUNNER.invoke(cli, ["probe", str(tmp_path / "gone.wav")])
    assert result.exit_code == 1
    assert "no such file" in result.output


def test_a_folder_is_searched_below_and_hidden_or_other_files_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "village").mkdir()
    write_wav(tmp_path / "village" / "one.WAV")
    write_wav(tmp_path / "._one.wav")
    (tmp_path / ".trash").mkdir()
    write_wav(tmp_path / ".trash" / "old.wav")
    (tmp_path / "notes.txt").write_text("words")
    records = json.loads(RUNNER.invoke(cli, ["probe", "--format", "json", str(tmp_path)]).output)
    assert [Path(record["file"]).name for record in records] == ["one.WAV"]


@pytest.mark.parametrize(
    "arguments", [["probe"], ["probe", "--format", "xml", "a.wav"], ["probe", "--channels", "3", "a.wav"]]
)
def test_wrong_usage_has_exit_code_2(arguments: list[str]) -> None:
    assert RUNNER.invoke(cli, arguments).exit_code == 2


def test_a_folder_without_recordings_is_wrong_usage(tmp_path: Path) -> None:
    result = RUNNER.invoke(cli, ["probe", str(tmp_path)])
    assert result.exit_code == 2
    assert str(tmp_path) in result.output


def test_remarks_say_what_to_do(tmp_path: Path) -> None:
    write_wav(tmp_path / "clipped.wav", gain=3.0)
    write_wav(tmp_path / "quiet.wav", gain=0.002)
    whole = write_wav(tmp_path / "whole.wav", seed=5).read_bytes()
    (tmp_path / "again.wav").write_bytes(whole)
    (tmp_path / "cut.wav").write_bytes(whole[:40_000])
    records = json.loads(RUNNER.invoke(cli, ["probe", "--format", "json", str(tmp_path)]).output)
    remarks = {Path(record["file"]).name: " ".join(record["remarks"]) for record in records}
    assert "clipped" in remarks["clipped.wav"]
    assert "very quiet" in remarks["quiet.wav"]
    assert "missing or damaged" in remarks["cut.wav"]
    assert "same sound as" in remarks["whole.wav"]
    assert not remarks["again.wav"]


def test_names_that_are_markup_or_no_text_at_all_are_shown(tmp_path: Path) -> None:
    write_wav(tmp_path / "[red]x.wav")
    write_wav(tmp_path / "x.wav").rename(tmp_path / "\udcff\x1b[2J.wav")
    for output in ("table", "json"):
        result = RUNNER.invoke(cli, ["probe", "--format", output, str(tmp_path)])
        assert result.exit_code == 0
        assert "[red]x" in result.output
        assert "\x1b[2J" not in result.output
        result.output.encode("utf-8")


def test_a_call_is_judged_as_a_whole_and_not_by_the_pauses_of_each_side(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    talk = 3_000 * rng.standard_normal((2, 20 * 16_000)) * (np.arange(20 * 16_000) // 16_000 % 2 == [[0], [1]])
    faint = 3 * rng.standard_normal(talk.shape)

    def remarks_of(sound: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
        with wave.open(str(tmp_path / "call.wav"), "wb") as file:
            file.setparams((2, 2, 16_000, 0, "NONE", ""))
            file.writeframes(np.clip(sound + faint, -32_000, 32_000).T.astype("<i2").tobytes())
        arguments = ["probe", "--format", "json", "--channels", "split", str(tmp_path / "call.wav")]
        (record,) = json.loads(RUNNER.invoke(cli, arguments).output)
        return " ".join(record["remarks"])

    assert "mostly silent" not in remarks_of(talk)
    seldom = np.arange(20 * 16_000) < 3 * 16_000
    assert "mostly silent" in remarks_of(talk * seldom)
