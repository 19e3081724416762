"""What a run survives: SIGKILL, Ctrl-C, a full disk, a second run beside it."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

BOLI = (sys.executable, "-c", "from app.cli import main; main()", "transcribe", "--engine", "fake", "--model", "fake")
N_SEGMENTS = 96
"""Twelve batches of the fake engine, of which it runs eight side by side: the last ones wait for the first."""


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recordings with half of the segments each: a second of voiced sound, then a pause of two."""
    folder = tmp_path_factory.mktemp("audio")
    random = np.random.default_rng(5)
    instant_s = np.arange(16_000) / 16_000
    for name in ("a.wav", "b.wav"):
        parts = []
        for pitch_hz in random.uniform(90, 220, N_SEGMENTS // 2):
            voice = sum(np.sin(2 * np.pi * pitch_hz * k * instant_s) / k for k in range(1, 20))
            parts += [2000 * voice * (0.55 + 0.45 * np.sin(8 * np.pi * instant_s)), np.zeros(33_000)]
        with wave.open(str(folder / name), "wb") as file:
            file.setparams((1, 2, 16_000, 0, "NONE", ""))
            file.writeframes(np.clip(np.concatenate(parts), -32_000, 32_000).astype("<i2").tobytes())
    return folder


@pytest.fixture(scope="module")
def undisturbed(audio: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The outputs of a run that nothing disturbs."""
    out = tmp_path_factory.mktemp("undisturbed")
    finish(audio, out)
    outputs = outputs_of(out)
    assert sum(content.count(b"\n") for name, content in outputs.items() if name.endswith(".jsonl")) == N_SEGMENTS
    return outputs


def command(audio: Path, out: Path) -> list[str]:
    return [*BOLI, str(audio), "--dialect", "hi-IN", "--format", "jsonl,eaf", "--out", str(out)]


def finish(audio: Path, out: Path, *, expected: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(audio, out), env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == expected, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@contextmanager
def slow_run(audio: Path, out: Path, *, delay_ms: int = 100) -> Iterator[subprocess.Popen[str]]:
    """A run that takes `delay_ms` a segment; killed, if it still lasts, when the block ends."""
    child = subprocess.Popen(
        command(audio, out),
        env=os.environ | {"BOLI_FAKE_DELAY_MS": str(delay_ms)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate(timeout=30)


def n_kept(out: Path, scratch: Path) -> int:
    """Segments in the ledger of a run that may be under way, read from a copy since the ledger is locked."""
    scratch.mkdir(exist_ok=True)
    for file in (out / ".boli").glob("ledger.sqlite3*"):
        shutil.copy(file, scratch / file.name)
    try:
        database = sqlite3.connect(scratch / "ledger.sqlite3")
        try:
            return int(database.execute("SELECT count(*) FROM outcome").fetchone()[0])
        finally:
            database.close()
    except sqlite3.Error:
        return 0


def wait_until_kept(child: subprocess.Popen[str], out: Path, scratch: Path, *, at_least: int) -> None:
    deadline = time.monotonic() + 60
    while n_kept(out, scratch) < at_least:
        assert child.poll() is None, "the run ended too early"
        assert time.monotonic() < deadline, "the run kept nothing for a minute"
        time.sleep(0.02)


def outputs_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in {".jsonl", ".eaf"}}


def n_still_to_draft(audio: Path, out: Path) -> int:
    """Segments that the next run hands to the engine: under an engine that always fails, those that fail."""
    finish(audio, out, expected=1, BOLI_FAKE_FAIL_EVERY="1")
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return int(summary["no_drafts"]["engine_failed"])


def test_a_run_killed_twice_loses_at_most_the_segments_at_hand_and_goes_on(
    audio: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    kept = 0
    for at_least in (1, 70):
        with slow_run(audio, out) as child:
            wait_until_kept(child, out, tmp_path / "scratch", at_least=at_least)
            child.send_signal(signal.SIGKILL)
            child.wait(timeout=30)
        assert max(kept, at_least) <= n_kept(out, tmp_path / f"after{at_least}") < N_SEGMENTS
        kept = n_kept(out, tmp_path / f"after{at_least}")
        assert all(undisturbed[name] == content for name, content in outputs_of(out).items())
    assert n_still_to_draft(audio, out) == N_SEGMENTS - kept
    finish(audio, out)
    assert outputs_of(out) == undisturbed


def test_a_ledger_with_a_torn_end_keeps_what_lies_before_it(
    audio: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with slow_run(audio, out) as child:
        wait_until_kept(child, out, tmp_path / "scratch", at_least=16)
    log = out / ".boli" / "ledger.sqlite3-wal"
    before = n_kept(out, tmp_path / "before")
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size - 1000)
    after = n_kept(out, tmp_path / "after")
    assert before - 2 <= after < before
    finish(audio, out)
    assert outputs_of(out) == undisturbed


def test_ctrl_c_ends_with_a_clear_line_and_keeps_what_is_done(
    audio: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with slow_run(audio, out) as child:
        wait_until_kept(child, out, tmp_path / "scratch", at_least=9)
        child.send_signal(signal.SIGINT)
        told, errors = child.communicate(timeout=30)
    assert child.returncode == 130
    assert "Traceback" not in errors
    assert "run the same command again" in told
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["is_complete"] is False
    kept = n_kept(out, tmp_path / "after")
    assert n_still_to_draft(audio, out) == N_SEGMENTS - kept
    finish(audio, out)
    assert outputs_of(out) == undisturbed


def test_a_second_run_on_the_same_folder_is_refused_while_the_first_lasts(
    audio: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with slow_run(audio, out, delay_ms=400) as child:
        wait_until_kept(child, out, tmp_path / "scratch", at_least=1)
        refused = finish(audio, out, expected=2)
        assert f"another boli transcribe is writing to {out}" in refused.stderr
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=30)
    finish(audio, out)
    assert outputs_of(out) == undisturbed


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("file systems cannot be mounted here; the test with a size limit covers this")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    audio: Path, undisturbed: dict[str, bytes], small_disk: Path
) -> None:
    out = small_disk / "out"
    (small_disk / "filler").write_bytes(bytes(2_900_000))
    stopped = finish(audio, out, expected=1)
    assert "make room and run the same command again" in stopped.stderr
    assert all(undisturbed[name] == content for name, content in outputs_of(out).items())
    (small_disk / "filler").unlink()
    finish(audio, out)
    assert outputs_of(out) == undisturbed


@pytest.mark.parametrize("limit_bytes", [2_000, 120_000])
def test_a_file_that_cannot_grow_is_told_and_leaves_nothing_half_written(
    audio: Path, undisturbed: dict[str, bytes], tmp_path: Path, limit_bytes: int
) -> None:
    out = tmp_path / "out"
    stopped = subprocess.run(
        command(audio, out),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert stopped.returncode in (1, 2)
    assert "cannot write" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert all(undisturbed[name] == content for name, content in outputs_of(out).items())
    finish(audio, out)
    assert outputs_of(out) == undisturbed


def test_a_damaged_ledger_is_named_with_what_to_do(audio: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / ".boli").mkdir(parents=True)
    (tmp_path / "out" / ".boli" / "ledger.sqlite3").write_bytes(b"no database " * 1000)
    stopped = finish(audio, tmp_path / "out", expected=2)
    assert "ledger.sqlite3 is damaged" in stopped.stderr
    assert "delete" in stopped.stderr
