"""Mutated files: never a crash, never a hang, never an error that is not `AudioUnreadable`."""

from __future__ import annotations

import os
import random
import selectors
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.pipeline.audio_files import KINDS, speech_like, write_kind

N_FILES = 500
LIMIT_S = 10.0
WORKER = Path(__file__).with_name("fuzz_worker.py")


def test_five_hundred_mutated_files_are_read_or_refused_within_ten_seconds_each(
    tmp_path: Path, repository: Path
) -> None:
    outcomes = dict(_probed(mutated_files(tmp_path, seed=20_240, n_files=N_FILES), repository))
    assert len(outcomes) == N_FILES
    faults = {name: outcome for name, outcome in outcomes.items() if outcome.startswith(("FAULT", "crash", "hang"))}
    assert not faults
    kinds = Counter(outcome.split()[0] for outcome in outcomes.values())
    assert kinds["unreadable"] >= 25, f"mutations too tame: {kinds}"
    assert kinds["truncated=True"] >= 50, f"mutations too tame: {kinds}"


def mutated_files(folder: Path, *, seed: int, n_files: int) -> list[Path]:
    """Files made from whole ones of every kind by a reproducible mutation each."""
    rng = random.Random(seed)
    originals = {
        kind: write_kind(folder, kind, speech_like(0.7, KINDS[kind][2])).read_bytes() for kind in sorted(KINDS)
    }
    mutations: list[Callable[[bytes, random.Random], bytes]] = [
        flipped, flipped_header, cut, spliced, repeated, huge_number, zeroed, inserted,
    ]  # fmt: skip
    files = []
    for number in range(n_files):
        kind, mutation = rng.choice(sorted(originals)), rng.choice(mutations)
        content = mutation(originals[kind], rng)
        if rng.random() < 0.3:
            content = rng.choice(mutations)(content, rng)
        files.append(folder / f"{number:04}-{kind}-{mutation.__name__}")
        files[-1].write_bytes(content)
    return files


def flipped(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice([1, 5, 50, 500])):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def flipped_header(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        changed[rng.randrange(min(128, len(changed)))] = rng.randrange(256)
    return bytes(changed)


def cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(1, len(content))]


def spliced(content: bytes, rng: random.Random) -> bytes:
    first, second = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:first] + content[second:]


def repeated(content: bytes, rng: random.Random) -> bytes:
    first, second = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:second] + content[first:second] * rng.randint(1, 3) + content[second:]


def huge_number(content: bytes, rng: random.Random) -> bytes:
    """A 32- or 64-bit field, most often of the header, that claims very much."""
    at = rng.randrange(len(content) if rng.random() < 0.3 else min(200, len(content)))
    value = rng.choice([b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x10" + b"\x00" * 7, b"\xff" * 8])
    return content[:at] + value + content[at + len(value) :]


def zeroed(content: bytes, rng: random.Random) -> bytes:
    first, second = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:first] + bytes(second - first) + content[second:]


def inserted(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + rng.randbytes(rng.choice([1, 7, 100, 5_000])) + content[at:]


def _probed(files: list[Path], repository: Path) -> Iterator[tuple[str, str]]:
    """Name and outcome of each file; a child that dies or hangs is named, and the rest goes to a new one."""
    waiting = list(files)
    while waiting:
        for outcome in _one_child(waiting, repository):
            yield waiting.pop(0).name, outcome


def _one_child(files: list[Path], repository: Path) -> Iterator[str]:
    child = subprocess.Popen(
        [sys.executable, str(WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": str(repository)},
        bufsize=0,
    )
    assert child.stdin
    try:
        for path in list(files):
            child.stdin.write(f"{path}\n".encode())
            outcome = _answer(child)
            yield outcome
            if outcome.startswith(("crash", "hang")):
                return
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
        assert child.stdout
        child.stdout.close()


def _answer(child: subprocess.Popen[bytes]) -> str:
    assert child.stdout
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        said = b""
        while b"\ndone " not in said or not said.endswith(b"\n"):
            if not selector.select(LIMIT_S):
                return f"hang after {said!r}"
            piece = child.stdout.read(65_536)
            if not piece:
                return f"crash (exit code {child.wait()}) after {said!r}"
            said += piece
    started, done = said.decode().strip().splitlines()[-2:]
    if not started.startswith("start ") or said.count(b"\n") != 2:
        return f"FAULT: more was written than outcomes: {said!r}"
    return done.removeprefix("done ")


def test_files_cut_at_any_length_are_read_or_refused(tmp_path: Path, repository: Path) -> None:
    files = []
    for kind in sorted(KINDS):
        content = write_kind(tmp_path, kind, speech_like(0.3, KINDS[kind][2])).read_bytes()
        for length in [*range(1, 64, 9), *range(64, len(content), max(1, len(content) // 10))]:
            files.append(tmp_path / f"{kind}-{length}")
            files[-1].write_bytes(content[:length])
    outcomes = dict(_probed(files, repository))
    assert len(outcomes) == len(files) > 250
    assert not {name: outcome for name, outcome in outcomes.items() if outcome.startswith(("FAULT", "crash", "hang"))}
