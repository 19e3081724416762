"""Measure voice activity: `python -m scripts.bench_vad --recordings FOLDER`.

Prints tables in Markdown, writes the figures as JSON, and ends with exit code 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.vad import SAMPLE_RATE_HZ, Samples
from scripts.vad_bench.recordings import load, quieter_results, step_results
from scripts.vad_bench.report import Figures, missed_targets, record, tables
from scripts.vad_bench.scenes import scenes
from scripts.vad_bench.speed import detector_speeds, intake_speeds
from scripts.vad_bench.synthetic import alone_results, scene_results
from scripts.vad_bench.voices import VoiceMissingError

SPEED_SOUND_S = 600


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; 0 where every target is reached, 1 where one is missed, 2 where it cannot run."""
    options = _options(arguments)
    started_s = time.monotonic()
    try:
        figures = _measured(options.recordings, options.seed)
    except VoiceMissingError as error:
        print(f"bench_vad: {error}", file=sys.stderr)
        return 2
    missed = missed_targets(figures)
    print("\n".join(tables(figures)))
    print("\nEvery target reached." if not missed else "\nMissed:\n- " + "\n- ".join(missed))
    print(f"Took {time.monotonic() - started_s:.0f} s.")
    options.out.write_text(json.dumps(_header(options.seed) | record(figures), indent=1) + "\n", encoding="utf-8")
    return 1 if missed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench_vad", description="Measure voice activity and its speed.")
    parser.add_argument("--recordings", type=Path, help="folder of wav and mp3 files; none: the scenes alone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks/vad.json"))
    options = parser.parse_args(arguments)
    if options.recordings and not options.recordings.is_dir():
        parser.error(f"--recordings {options.recordings} is not a folder")
    return options


def _measured(recordings: Path | None, seed: int) -> Figures:
    by_scene, alone = scene_results(scenes(seed)), alone_results(seed)
    sounds = load(recordings) if recordings else {}
    if not sounds:
        return Figures(by_scene, alone, 0, {}, {}, ())
    long = _ten_minutes(list(sounds.values()))
    speeds = [*intake_speeds(long), *detector_speeds(long)]
    return Figures(by_scene, alone, len(sounds), step_results(sounds), quieter_results(sounds), speeds)


def _ten_minutes(sounds: Sequence[Samples]) -> Samples:
    """The recordings end to end, from the start again where they are too few."""
    return np.resize(np.concatenate(sounds), SPEED_SOUND_S * SAMPLE_RATE_HZ)


def _header(seed: int) -> dict[str, object]:
    return {
        "command": f"python -m scripts.bench_vad --recordings FOLDER --seed {seed}",
        "machine": f"{platform.machine()}, one core for the speeds, Python {platform.python_version()}",
    }


if __name__ == "__main__":
    sys.exit(main())
