"""The processor cores that this process may use."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """Cores left to this process by affinity; all, where the system knows none (macOS, Windows)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
