"""Drafting speed side by side: openai-whisper, faster-whisper, and Boli in full and short context.

python -m scripts.bench_drafting                    # everything; an hour or more on two cores
python -m scripts.bench_drafting --models base --loads short --beams 5

The same weights, audio, beam and threads for all; each measurement in a process of its own, engines in turn within a
round, medians over rounds. Of the random shapes openai-whisper, the slowest by far, hears one short clip in
`--openai-every` and the first two minutes of the long recording, once; the small shape hears one short clip in four.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

from scripts.drafting_bench.engines import Engine
from scripts.drafting_bench.errors import error_rates
from scripts.drafting_bench.loads import Load, write_loads
from scripts.drafting_bench.operations import float32_rate, operations
from scripts.drafting_bench.report import print_table
from scripts.drafting_bench.shapes import SHAPES, model_folders

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "out" / "bench_drafting"
TIMEOUT_S = 3600


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table."""

    model: str
    load: str
    beam: int
    engine: Engine


@dataclass(frozen=True, slots=True)
class Result:
    """Medians over the rounds."""

    case: Case
    audio_s_per_s: float
    spread: tuple[float, float]
    """Lowest and highest round, audio seconds per second."""
    peak_mb: float
    tokens_per_audio_s: float
    error_rates: dict[str, float]
    """By language tag; empty for random weights."""
    gop_per_s: float | None
    """10^9 operations a second; for Boli's engines on short clips of a random shape."""


def main() -> int:
    """Measure, print, and write JSON."""
    arguments = _arguments()
    WORK.mkdir(parents=True, exist_ok=True)
    loads = {load.name: load for load in write_loads(WORK)}
    cases = list(_cases(arguments))
    rounds: dict[Case, list[dict[str, object]]] = {case: [] for case in cases}
    for n_round in range(arguments.rounds):
        for case in cases:
            if n_round and case.engine is Engine.OPENAI:
                continue
            rounds[case].append(_measure(case, arguments))
            print(f"round {n_round + 1}: {case} {rounds[case][-1]['seconds']:.1f} s", file=sys.stderr, flush=True)
    results = [_result(case, rounds[case], loads, arguments) for case in cases]
    print_table(results)
    _write(results, arguments)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["demo", *SHAPES], choices=["demo", *SHAPES])
    parser.add_argument("--loads", nargs="+", default=["short", "long"], choices=["short", "long"])
    parser.add_argument("--beams", nargs="+", type=int, default=[1, 5])
    parser.add_argument("--engines", nargs="+", type=Engine, default=list(Engine))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--openai-every", type=int, default=20)
    parser.set_defaults(small_every={"base": 1, "small": 4})
    parser.add_argument("--json", type=Path, default=ROOT / "docs" / "benchmarks" / "drafting.json")
    return parser.parse_args()


def _cases(arguments: argparse.Namespace) -> Iterator[Case]:
    for model in arguments.models:
        for load in arguments.loads:
            for beam in arguments.beams:
                for engine in arguments.engines:
                    yield Case(model, load, beam, engine)


def _measure(case: Case, arguments: argparse.Namespace) -> dict[str, object]:
    source, converted = model_folders(case.model, WORK)
    command = [sys.executable, "-m", "scripts.drafting_bench.measure", "--engine", case.engine]
    load = WORK / f"{_heard(case)}.json"
    command += ["--source", str(source), "--converted", str(converted), "--load", str(load)]
    command += ["--beam", str(case.beam), "--threads", str(arguments.threads), "--every", str(_every(case, arguments))]
    if case.model != "demo":
        command.append("--fixed")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    if done.returncode:
        raise SystemExit(f"{case} failed:\n{done.stderr}")
    measured: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _heard(case: Case) -> str:
    """The load that an engine really hears: openai-whisper with random weights only the start of a long recording."""
    is_slow = case.engine is Engine.OPENAI and case.model != "demo"
    return "long-start" if is_slow and case.load == "long" else case.load


def _every(case: Case, arguments: argparse.Namespace) -> int:
    """One short clip in so many: fewer for openai-whisper, and for the small shape."""
    if case.load != "short" or case.model == "demo":
        return 1
    return int(arguments.openai_every) if case.engine is Engine.OPENAI else int(arguments.small_every[case.model])


def _result(
    case: Case, rounds: list[dict[str, object]], loads: dict[str, Load], arguments: argparse.Namespace
) -> Result:
    speeds = [float(str(each["audio_s"])) / float(str(each["seconds"])) for each in rounds]
    last = rounds[-1]
    heard = replace(loads[_heard(case)], clips=loads[_heard(case)].clips[:: _every(case, arguments)])
    texts = last["texts"]
    assert isinstance(texts, list)
    return Result(
        case=case,
        audio_s_per_s=statistics.median(speeds),
        spread=(min(speeds), max(speeds)),
        peak_mb=max(float(str(each["peak_mb"])) for each in rounds),
        tokens_per_audio_s=int(str(last["n_tokens"])) / heard.audio_s,
        error_rates=error_rates(heard, texts) if case.model == "demo" else {},
        gop_per_s=_rate(case, heard, statistics.median(float(str(each["seconds"])) for each in rounds)),
    )


def _rate(case: Case, heard: Load, seconds: float) -> float | None:
    if case.model not in SHAPES or case.load != "short" or case.engine not in (Engine.BOLI_FULL, Engine.BOLI_SHORT):
        return None
    done = operations(heard, case.model, beam=case.beam, is_short=case.engine is Engine.BOLI_SHORT)
    return done.total / seconds


def _write(results: list[Result], arguments: argparse.Namespace) -> None:
    """Keep earlier rows of cases that were not measured this time."""
    packages = ("ctranslate2", "faster-whisper", "openai-whisper", "torch", "numpy")
    rows = {json.dumps(asdict(result.case)): asdict(result) for result in results}
    if arguments.json.is_file():
        earlier = json.loads(arguments.json.read_text(encoding="utf-8"))["results"]
        rows = {json.dumps(row["case"]): row for row in earlier} | rows
    content = {
        "command": "python -m scripts.bench_drafting",
        "machine": {"processor": _processor(), "python": platform.python_version(), "threads": arguments.threads},
        "versions": {name: version(name) for name in packages},
        "rounds": arguments.rounds,
        "float32_gop_per_s": float32_rate(),
        "results": list(rows.values()),
    }
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _processor() -> str:
    """Name and instruction sets that matter for int8."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    found = {key.strip(): value.strip() for key, value in fields.items()}
    flags = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "amx_int8") if flag in found.get("flags", "").split()]
    return f"{found.get('model name', platform.machine())} ({', '.join(flags)})"


if __name__ == "__main__":
    sys.exit(main())
