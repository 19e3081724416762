"""Write constraints.txt: a version for every package that the base and each extra need, names and versions only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Resolve for Python 3.11 and later on every platform."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--all-extras", "--universal"]
    options = ["--python-version", "3.11", "--no-annotate", "--no-header", "--no-emit-index-url", "--upgrade", "-q"]
    return subprocess.run([*command, *options, "-o", "constraints.txt"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
