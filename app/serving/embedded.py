"""What the child of `boli serve` runs: `python -m app.serving.embedded`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run jobs until told to end, or until the web process is gone. 1: it cannot."""
    from app.errors import AppError
    from app.jobs.embedded import run_embedded_worker
    from app.serving.logs import write_logs
    from app.settings import load_settings

    write_logs()
    try:
        run_embedded_worker(load_settings())
    except AppError as error:
        print(f"boli serve: the worker cannot start: {error}", file=sys.stderr)  # noqa: T201 - its log may be elsewhere
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
