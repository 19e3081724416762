"""Run lint, types, import rules and tests; name what is missing on this machine."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ("app", "pipeline", "models", "scripts", "tests")
TOOLS = {"espeak-ng": "tests of the synthetic speech", "sclite": "agreement with NIST scoring"}


def main() -> int:
    """Exit status 0 when everything passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", action="store_true", help="only the tests that need the [train] extra")
    arguments = parser.parse_args()
    name_missing_tools()
    steps = train_steps() if arguments.train else base_steps()
    failed = [name for name, command in steps.items() if not passes(name, command)]
    print(f"\nfailed: {', '.join(failed)}" if failed else "\nall checks passed", flush=True)
    return 1 if failed else 0


def base_steps() -> dict[str, list[str]]:
    """Everything that needs no torch."""
    python = [sys.executable, "-m"]
    return {
        "lint": [*python, "ruff", "check", *CODE],
        "format": [*python, "ruff", "format", "--check", *CODE],
        "imports": [str(Path(sys.executable).with_name("lint-imports"))],
        "types": [*python, "mypy"],
        "tests": [*python, "pytest", "-q", "-m", "not train", "-n", "auto", "--dist", "loadfile"],
    }


def train_steps() -> dict[str, list[str]]:
    """What the [train] extra adds."""
    return {"train tests": [sys.executable, "-m", "pytest", "-q", "-m", "train"]}


def passes(name: str, command: list[str]) -> bool:
    """Run one step with its output shown; whether it exited with 0."""
    print(f"\n== {name}", flush=True)
    started = time.monotonic()
    is_good = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    print(f"-- {name} {'passed' if is_good else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
    return is_good


def name_missing_tools() -> None:
    """Say which tools are not here and which tests will be skipped (under CI=true they fail instead)."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/lib/sctk/bin"])
    for tool, purpose in TOOLS.items():
        if shutil.which(tool, path=path) is None:
            print(f"missing: {tool} ({purpose} {'will fail' if os.environ.get('CI') else 'are skipped'})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
