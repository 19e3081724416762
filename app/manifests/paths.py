"""The file that a cell of a manifest means."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path


def find_file(written: str, folders: Sequence[Path]) -> Path | None:
    """The file meant by a cell: as written, with the other kind of slash, or in the other Unicode form.

    Manifests travel between systems: Windows writes back slashes, macOS decomposes file names.
    """
    if not written or "\0" in written:
        return None
    for spelling in dict.fromkeys((written, written.replace("\\", "/"))):
        for form in ("NFC", "NFD"):
            for folder in folders:
                path = folder / unicodedata.normalize(form, spelling)
                if _is_file(path):
                    return Path(os.path.abspath(path))  # noqa: PTH100 - takes out `..` without following links
    return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name longer than names can be, or one that cannot be encoded
        return False
