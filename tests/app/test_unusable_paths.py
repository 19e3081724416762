"""Paths that the system refuses, files that are none, names that would play tricks on a terminal."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.screen import mistake_line, printable

TOO_LONG = "x" * 300
BOLI = (sys.executable, "-c", "from app.cli import main; main()")
HINDI = ["--dialect", "hi-IN"]
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="pipes, devices and rights as Linux has them")


def run(*arguments: object, expected: int, **environment: str) -> Result:
    done = CliRunner().invoke(cli, list(map(str, arguments)), env=environment)
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.exit_code == expected, done.output
    return done


def transcribe(*arguments: object, expected: int) -> Result:
    return run("transcribe", *arguments, "--engine", "fake", expected=expected)


def write_wav(path: Path, *, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = np.random.default_rng(seed).normal(0, 900, 16_000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(sound.tobytes())
    return path


@contextmanager
def rights_that_count() -> Iterator[None]:
    """Let file modes hold for root too, by laying down its right to pass over them. Source: capabilities(7)."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    held = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, held) == 0
    fewer = (ctypes.c_uint32 * 6)(*held)
    fewer[0] &= ~0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    assert libc.capset(header, fewer) == 0
    try:
        yield
    finally:
        assert libc.capset(header, held) == 0


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder with a recording in it that may neither be read nor entered."""
    folder = write_wav(tmp_path / "audio" / "locked" / "a.wav").parent
    folder.chmod(0)
    with rights_that_count():
        yield folder
    folder.chmod(0o755)


@linux_only
def test_a_pipe_and_a_device_are_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    done = subprocess.run(
        [*BOLI, "transcribe", str(tmp_path / "pipe.wav"), "/dev/zero", *HINDI, "--engine", "fake"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.count("it is a device or pipe, not a file") == 2


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["transcribe", TOO_LONG, *HINDI, "--engine", "fake"], 2),
        (["transcribe", "{audio}", *HINDI, "--engine", "fake", "--manifest", TOO_LONG], 2),
        (["transcribe", "{audio}", *HINDI, "--engine", "fake", "--manifest", "{manifest}"], 2),
        (["transcribe", "{audio}", *HINDI, "--model", f"./{TOO_LONG}"], 2),
        (["transcribe", "{audio}", *HINDI, "--engine", "fake", "--out", TOO_LONG], 2),
        (["probe", TOO_LONG], 1),
        (["segment", TOO_LONG, *HINDI], 1),
        (["models", "check", TOO_LONG], 1),
        (["models", "import", TOO_LONG], 1),
        (["models", "convert", TOO_LONG, "{audio}/new"], 1),
        (["models", "convert", "demo", TOO_LONG], 1),
        (["score", TOO_LONG, TOO_LONG, *HINDI], 2),
    ],
    ids=lambda value: " ".join(value).replace(TOO_LONG, "TOO_LONG") if isinstance(value, list) else "",
)
def test_a_name_longer_than_names_can_be_is_told(command: list[str], expected: int, tmp_path: Path) -> None:
    audio = write_wav(tmp_path / "audio" / "a.wav").parent
    manifest = tmp_path / "m.csv"
    manifest.write_text(f"path,tag\n{TOO_LONG}.wav,hi-IN\n", encoding="utf-8")
    done = run(*(part.format(audio=audio, manifest=manifest) for part in command), expected=expected)
    assert TOO_LONG[:80] in done.output.replace("\n", "")


@pytest.mark.parametrize("command", [["models", "list"], ["transcribe", "demo/recordings/hi-patna.opus", *HINDI]])
def test_a_cache_folder_that_no_system_can_hold_is_told(command: list[str], repository: Path, tmp_path: Path) -> None:
    arguments = [str(repository / part) if part.startswith("demo") else part for part in command]
    done = CliRunner().invoke(cli, arguments, env={"BOLI_CACHE_FOLDER": f"/{TOO_LONG}", "BOLI_MODEL": "demo"})
    assert done.exit_code in (1, 2)
    assert "File name too long" in done.output


@linux_only
def test_a_folder_that_may_not_be_entered_is_told_by_each_command(locked: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out")
    for inside in (locked, locked / "a.wav"):
        assert "ermission denied" in transcribe(inside, *HINDI, *out, expected=2).output
        assert "ermi" in run("probe", inside, expected=1).output
        assert "ermi" in run("segment", inside, *HINDI, expected=1).output
    assert "ermission denied" in run("models", "check", locked / "model", expected=1).output
    assert "ermission denied" in run("models", "import", locked / "model", expected=1).output
    assert "ermission denied" in run("score", locked / "a.txt", locked / "b.txt", *HINDI, expected=2).output


@linux_only
def test_what_cannot_be_read_in_a_folder_is_listed_and_the_rest_is_done(locked: Path, tmp_path: Path) -> None:
    audio = locked.parent
    write_wav(audio / "good.wav")
    (audio / "gone.wav").symlink_to("nowhere.wav")
    (audio / "loop.wav").symlink_to("loop.wav")
    os.mkfifo(audio / "pipe.mp3")
    reasons = {
        "locked": "may not be read",
        "gone.wav": "leads nowhere",
        "loop.wav": "symbolic links",
        "pipe.mp3": "device or pipe",
    }
    transcribe(audio, *HINDI, "--out", tmp_path / "out", expected=1)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    told = {failure["recording"]: failure["reason"] for failure in summary["failures"]}
    assert set(told) == set(reasons)
    assert all(reason in told[name] for name, reason in reasons.items())
    assert (tmp_path / "out" / "good.jsonl").exists()
    records = json.loads(run("probe", "--format", "json", audio, expected=1).stdout)
    assert {Path(record["file"]).name: record["is_readable"] for record in records} == {
        "good.wav": True,
        **dict.fromkeys(reasons, False),
    }


@linux_only
def test_one_locked_file_does_not_keep_the_others_from_being_probed(locked: Path) -> None:
    write_wav(locked.parent / "good.wav")
    done = run("probe", locked, locked / "a.wav", locked.parent / "good.wav", expected=1)
    assert "good.wav" in done.stdout
    assert "0:00:01.0" in done.stdout


@linux_only
@pytest.mark.parametrize("command", ["transcribe", "segment", "probe"])
def test_no_name_of_a_file_reaches_the_terminal_as_it_is(command: str, tmp_path: Path) -> None:
    evil = "\x1b]0;title\x07\u202egpj\nrecording 9: done.wav"
    write_wav(tmp_path / "audio" / evil)
    (tmp_path / "audio" / f"bad{evil}").write_text("no sound", encoding="utf-8")
    options = {
        "transcribe": [*HINDI, "--engine", "fake", "--out", str(tmp_path / "out")],
        "segment": HINDI,
        "probe": [],
    }
    done = run(command, tmp_path / "audio", *options[command], expected=1)
    assert not {"\x1b", "\x07", "\u202e"} & set(done.output)
    assert not any(line.startswith("recording 9") for line in done.output.splitlines())
    assert "\\x1b]0;title\\x07" in done.output.replace("\n", "")


def test_a_message_of_several_lines_cannot_pass_for_several_messages() -> None:
    assert mistake_line("boli", ValueError("one\nboli: two\x07")) == "boli: one\n  boli: two\\x07"
    assert printable("हिन्दी 普通话\n\udcff") == "हिन्दी 普通话\\n\\udcff"


@linux_only
@pytest.mark.parametrize("command", [["dialects"], ["--help"], ["probe", "{audio}"]])
def test_a_full_disk_under_standard_output_is_told_in_one_line(command: list[str], tmp_path: Path) -> None:
    audio = write_wav(tmp_path / "audio" / "a.wav").parent
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*BOLI, *(part.format(audio=audio) for part in command)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=240,
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, "boli: No space left on device\n")


def test_a_locale_without_letters_keeps_no_script_from_being_shown() -> None:
    settings = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [*BOLI, "dialects", "bho-IN"],
        env=os.environ | settings,
        capture_output=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "भोजपुरी" in done.stdout.decode("utf-8")


def test_the_version_is_told() -> None:
    assert run("--version", expected=0).output.startswith("boli 0.")
