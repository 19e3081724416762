"""Python, processor, memory and disk."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from app.doctor.faults import Fault
from pipeline.processor import usable_cores

LEAST_FREE_BYTES = 4 * 10**9
"""Room for the largest model that people fetch (large-v3, 3.1 GB) and its partial download."""
LEAST_MEMORY_BYTES = 2 * 10**9
"""Below this the small model and one long recording do not fit together."""


def python() -> str:
    """Version and place of the interpreter."""
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}, {sys.executable}"


def processor(threads: int) -> str:
    """Cores that this process may use, and threads that it is set to."""
    cores = usable_cores()
    if threads > cores:
        raise Fault(f"{cores} cores, but BOLI_THREADS is {threads}", f"set BOLI_THREADS to {cores} or to 0")
    return f"{cores} cores usable of {os.cpu_count()}, {threads or cores} threads for drafting"


def memory() -> str:
    """Memory of the machine, or of the container where that is less."""
    size_bytes = memory_bytes()
    if size_bytes is None:
        return "size unknown on this system"
    if size_bytes < LEAST_MEMORY_BYTES:
        raise Fault(f"{_gigabytes(size_bytes)}", "at least 2 GB are needed for the small model; use a smaller one")
    return _gigabytes(size_bytes)


def memory_bytes() -> int | None:
    """None where the system does not tell."""
    sizes = []
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        sizes.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.is_file() and (written := limit.read_text(encoding="ascii").strip()).isdigit():
        sizes.append(int(written))
    return min(sizes, default=None)


def cache_folder(folder: Path) -> str:
    """The folder for weights: can be written, and has room."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            free_bytes = shutil.disk_usage(folder).free
    except OSError as error:
        raise Fault(f"{folder}: {error.strerror}", "set BOLI_CACHE_FOLDER to a folder that you may write to") from error
    if free_bytes < LEAST_FREE_BYTES:
        raise Fault(
            f"{folder}: only {_gigabytes(free_bytes)} free",
            f"make room ({_gigabytes(LEAST_FREE_BYTES)} for a large model), or set BOLI_CACHE_FOLDER to another disk",
        )
    return f"{folder}, {_gigabytes(free_bytes)} free"


def _gigabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB"
