"""Measure scoring beside other scorers: `python -m scripts.bench_scoring`.

Prints tables in Markdown, writes them and the figures as JSON, and ends with exit code 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scripts.scoring_bench.measure import keep_tokens
from scripts.scoring_bench.pairs import keep, long_pair, made_pairs
from scripts.scoring_bench.report import Figure, Figures, missed_targets, record, tables
from scripts.scoring_bench.work import SCORERS

SLOW_ON_LONG = ("sclite",)
"""A minute and gigabytes for one pair of 20,000 words: measured once by `--with-slow`."""

_READING = """

"Everything" goes from texts as they come to rates: normalised and cut, words (mixed tokens for Chinese) and characters
counted, by dialect, each rate with its interval of 10,000 replicates. All others get texts or tokens that are already
normalised, and count words alone. Processor seconds are medians over rounds in which the scorers take turns; each
measurement begins in a new process."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; 0 where every target is reached, 1 where one is missed."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        utterances, long = Path(folder) / "utterances.jsonl", Path(folder) / "long.jsonl"
        keep(made_pairs(options.pairs, seed=options.seed), utterances)
        keep([long_pair(options.long_words, seed=options.seed)], long)
        for pairs in (utterances, long):
            keep_tokens(pairs)
        fast = [name for name in SCORERS if options.with_slow or name not in SLOW_ON_LONG]
        figures = Figures(
            _measured(utterances, list(SCORERS), rounds=options.rounds),
            _measured(long, fast, rounds=options.rounds),
            options.pairs,
            options.long_words,
        )
    missed = missed_targets(figures)
    text = "\n".join(tables(figures))
    print(text)
    print("Every target reached." if not missed else "Missed:\n- " + "\n- ".join(missed))
    header = _header(options)
    options.out.write_text(json.dumps(header | record(figures), indent=1) + "\n", encoding="utf-8")
    about = f"# Speed of scoring\n\n`{header['command']}`, {header['machine']}; {header['versions']}.{_READING}\n\n"
    options.out.with_suffix(".md").write_text(about + text, encoding="utf-8")
    return 1 if missed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench_scoring", description="Measure scoring beside other scorers.")
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--long-words", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--with-slow", action="store_true", help="also what takes a minute for one long pair")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks/scoring.json"))
    return parser.parse_args(arguments)


def _measured(pairs: Path, names: Sequence[str], *, rounds: int) -> dict[str, Figure | str]:
    """Each scorer in turn, round after round, so that a slow minute of the machine hits all of them."""
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    missing: dict[str, str] = {}
    for _ in range(rounds):
        for name in names:
            if name in missing:
                continue
            found = _run(name, pairs)
            if "missing" in found:
                missing[name] = str(found["missing"])
            else:
                runs[name].append(found)
    return {name: missing[name] if name in missing else _figure(runs[name]) for name in names}


def _run(name: str, pairs: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "scripts.scoring_bench.measure", name, str(pairs)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    found: dict[str, float] = json.loads(result.stdout)
    return found


def _figure(runs: Sequence[dict[str, float]]) -> Figure:
    return Figure(
        tuple(run["seconds"] for run in runs),
        tuple(run["processor_s"] for run in runs),
        max(run["peak_mb"] for run in runs),
        int(runs[0]["n_errors"]),
        int(runs[0]["n_ref"]),
    )


def _header(options: argparse.Namespace) -> dict[str, str]:
    return {
        "command": f"python -m scripts.bench_scoring --pairs {options.pairs} --rounds {options.rounds} --seed "
        f"{options.seed}" + (" --with-slow" if options.with_slow else ""),
        "machine": f"{platform.machine()}, Python {platform.python_version()}, a process of its own for each figure",
        "versions": ", ".join(_versions()),
    }


def _versions() -> list[str]:
    found = []
    for name in ("jiwer", "rapidfuzz", "kaldialign", "meeteval", "numpy"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return found


if __name__ == "__main__":
    sys.exit(main())
