"""Child process of the fuzz test: probes the files named on its input, one a line, and says how each ended.

Before each file it writes `start NAME`, after it `done OUTCOME`: a crash or a hang is known by its name.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from pipeline.errors import AudioUnreadable
from pipeline.quality import probe

ADDRESS_SPACE_BYTES = 2 * 1024**3


def outcome(path: Path) -> str:
    """How probing a file ended; anything but a probe or `AudioUnreadable` is a fault of ours."""
    try:
        result = probe(path)
    except AudioUnreadable as fault:
        return f"unreadable {fault.reason!r}"
    except BaseException as fault:
        return f"FAULT {fault!r}"
    return f"truncated={result.is_truncated} {result.channels[0].duration_ms} ms"


def main() -> None:
    """Work through standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    for line in sys.stdin:
        path = Path(line.strip())
        _say(f"start {path.name}")
        _say(f"done {outcome(path)}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
