"""Recordings in a folder, and whatever in it should be one and cannot be read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from app.audio.suffixes import AUDIO_SUFFIXES


def recordings_below(folder: Path) -> list[Path]:
    """What ends like a sound or video file in a folder and below it, in order; hidden ones are left out.

    Links that lead nowhere, pipes with such an ending, and folders that may not be read are among them, so that
    reading them tells what is wrong: nothing is passed over in silence. Links to folders are not followed.
    """
    return sorted(_walked(folder))


def _walked(folder: Path) -> Iterator[Path]:
    locked: list[Path] = []

    def note(error: OSError) -> None:
        locked.append(Path(os.fsdecode(error.filename)))

    for place, below, names in os.walk(folder, onerror=note):
        below[:] = [name for name in below if not name.startswith(".")]
        for name in names:
            path = Path(place, name)
            if path.suffix.lower() in AUDIO_SUFFIXES and not name.startswith("."):
                yield path
    yield from locked
