"""Files of 100 MB are scored within a gigabyte."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import cycle
from pathlib import Path

import pytest

SIZE_BYTES = 100_000_000
MOST_MEMORY_KB = 1_000_000
_CODE = """
import sys
from app.cli import cli
try:
    cli(sys.argv[1:], standalone_mode=False)
finally:
    (line,) = (line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
    print(line.split()[1], file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to tell the memory of a process")
def test_two_files_of_a_hundred_megabytes_are_scored_within_a_gigabyte(repository: Path, tmp_path: Path) -> None:
    lines = [f"यह पंक्ति {number} है और इस में कुछ शब्द हैं जो गिने जाते हैं।\n" for number in range(1000)]
    n_lines = n_bytes = 0
    with (tmp_path / "r.txt").open("w", encoding="utf-8") as ref, (tmp_path / "h.txt").open("w") as hyp:
        for line in cycle(lines):
            ref.write(line)
            hyp.write(line if n_lines % 10 else line.replace("शब्द", "बात"))
            n_lines += 1
            n_bytes += len(line.encode())
            if n_bytes >= SIZE_BYTES:
                break
    command = [sys.executable, "-c", _CODE, "score", str(tmp_path / "r.txt"), str(tmp_path / "h.txt")]
    command += ["--dialect", "hi-IN", "--level", "canonical", "--format", "json"]
    result = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True, timeout=280)
    (score,) = json.loads(result.stdout)["scores"]
    assert score["n_segments"] == n_lines
    assert score["tokens"]["substitutions"] == (n_lines + 9) // 10
    assert int(result.stderr.split()[-1]) < MOST_MEMORY_KB
