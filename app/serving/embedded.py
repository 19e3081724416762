"""What the child of `boli serve` runs: `python -m app.serving.embedded`. Its settings come through standard input."""

from __future__ import annotations

import sys


def main() -> int:
    """Run jobs until told to end, or until the web process is gone. 1: it cannot."""
    from app.errors import AppError
    from app.serving.lifeline import Lifeline
    from app.serving.logs import write_logs

    # unbuffered: a thread that waits in it must not hold up the end of the process
    lifeline = Lifeline(open(0, "rb", buffering=0, closefd=False))  # noqa: SIM115 - for as long as the process lives
    settings = lifeline.settings()
    if settings is None:
        return 1
    lifeline.watch()
    write_logs()

    from app.jobs.embedded import run_embedded_worker

    try:
        run_embedded_worker(settings, is_needed=lifeline.holds)
    except AppError as error:
        print(f"boli serve: the worker cannot start: {error}", file=sys.stderr)  # noqa: T201 - its log may be elsewhere
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
