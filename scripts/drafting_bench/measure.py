"""One measurement in a process of its own, so that its peak memory is its own: prints one JSON object."""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from pathlib import Path


def main() -> None:
    """Load the model, warm up on one clip, then time the load."""
    parser = argparse.ArgumentParser()
    for name in ("engine", "source", "converted", "load"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--beam", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--fixed", action="store_true", help="random weights: a fixed number of tokens")
    parser.add_argument("--every", type=int, default=1, help="take one clip in so many")
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
    warnings.simplefilter("ignore")
    print(json.dumps(_measured(arguments)))


def _measured(arguments: argparse.Namespace) -> dict[str, object]:
    from scripts.drafting_bench.engines import Engine, Runner
    from scripts.drafting_bench.loads import Load, in_one_language, read_load

    load = read_load(Path(arguments.load))
    load = Load(load.name, load.clips[:: arguments.every])
    if arguments.fixed and load.name == "short":
        load = in_one_language(load)
    runner = Runner(
        Engine(arguments.engine),
        Path(arguments.source),
        Path(arguments.converted),
        beam=arguments.beam,
        threads=arguments.threads,
        fixed=arguments.fixed,
    )
    runner.texts(read_load(Path(arguments.load).with_name("warmup.json")))
    runner.n_tokens = 0
    started = time.perf_counter()
    texts = runner.texts(load)
    return {
        "seconds": time.perf_counter() - started,
        "audio_s": load.audio_s,
        "n_tokens": runner.n_tokens,
        "peak_mb": _peak_mb(),
        "texts": texts,
    }


def _peak_mb() -> float:
    """Of this process alone: what `getrusage` tells of a child begins at its parent's peak."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
