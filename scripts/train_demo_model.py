"""Make the demo: sample recordings and a held-out set by espeak-ng, and a small Whisper checkpoint that hears them.

python -m scripts.train_demo_model samples          # demo/recordings and demo/heldout, half a minute
python -m scripts.train_demo_model train            # three quarters of an hour on two cores
python -m scripts.train_demo_model export           # demo/model from the best weights of the run
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

NEEDED = ("torch", "torchaudio", "whisper")


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says."""
    options = _parser().parse_args(arguments)
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        sys.exit(
            f"train_demo_model: {', '.join(missing)} not installed; `make test-train`, or `pip install -e '.[train]' "
            "-c constraints.txt` in the folder of Boli's source, installs what it needs (5 GB)"
        )
    _carry_out(options)


def _carry_out(options: argparse.Namespace) -> None:
    from scripts.demo_model.export import export, load_network
    from scripts.demo_model.measuring import measure
    from scripts.demo_model.samples import write_samples
    from scripts.demo_model.training import Run, quick, train

    run = replace(quick(options.work) if options.quick else Run(options.work), seed=options.seed, resume=options.resume)
    run = replace(run, start=options.start)
    if options.begin_at is not None:
        run = replace(run, begin_at=options.begin_at)
    if options.minutes is not None:
        run = replace(run, minutes=options.minutes, n_steps=None)
    if options.stage in ("samples", "all"):
        write_samples(options.out, seed=options.seed)
    if options.stage in ("train", "all"):
        train(run)
    if options.stage in ("export", "all"):
        export(load_network(run.best), options.out / "model")
    if options.stage == "measure":
        for line in measure(options.out):
            print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", nargs="?", choices=("samples", "train", "export", "measure", "all"), default="all")
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder of the demo (demo)")
    parser.add_argument(
        "--work", type=Path, default=Path("out/demo_model"), help="checkpoints and log (out/demo_model)"
    )
    parser.add_argument("--minutes", type=float, help="how long to train (45)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint of --work")
    parser.add_argument("--start", type=Path, help="begin from these weights (a best.pt), not from random ones")
    parser.add_argument("--begin-at", type=float, help="with --start: how far on the schedule")
    parser.add_argument("--quick", action="store_true", help="a run of seconds that learns nothing, for tests")
    return parser


if __name__ == "__main__":
    main()
