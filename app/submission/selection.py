"""Which files are to be sent, with what is known of each: every fault is found before anything moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.audio.suffixes import AUDIO_SUFFIXES
from app.errors import AppError
from app.manifests.checking import PATH, Manifest, check_manifest, require_sound
from app.manifests.faults import Fault
from app.manifests.paths import find_file
from app.uploads.names import tidy_name


class NothingToSend(AppError):
    """A folder that is none, or has no recordings."""

    status = 422


@dataclass(frozen=True, slots=True)
class Item:
    """A file to be sent. name: what the service calls it, below the folder. facts: texts by column."""

    path: Path
    name: str
    size_bytes: int
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to be sent. n_left_out: recordings of the folder that the manifest does not name."""

    items: list[Item]
    manifest: Manifest | None
    content: bytes
    n_left_out: int


def select(folder: Path, manifest_file: Path | None) -> Selection:
    """The recordings of a manifest, or where there is none those of a folder.

    Raises:
        NothingToSend: the folder is none, or has no recordings.
        Invalid: the manifest has faults; all of them are named.
    """
    if not folder.is_dir():
        raise NothingToSend(f"there is no folder {str(folder)!r}; expected one with recordings")
    there = list(_recordings(folder))
    if manifest_file is None:
        if not there:
            raise NothingToSend(f"no recordings in {str(folder)!r}; expected audio files")
        return Selection([_item(folder, path, {}) for path in there], None, b"", 0)
    try:
        content = manifest_file.read_bytes()
    except OSError as error:
        raise NothingToSend(f"{manifest_file}: cannot be read: {error.strerror}") from error
    manifest = check_manifest(str(manifest_file), content)
    items = list(_named(folder, manifest_file, manifest))
    require_sound(str(manifest_file), manifest)
    named = {item.path.resolve() for item in items}
    n_left_out = sum(path.resolve() not in named for path in there)
    return Selection(items, manifest, content, n_left_out)


def _named(folder: Path, manifest_file: Path, manifest: Manifest) -> Iterator[Item]:
    """The files of a manifest; those that are missing, empty or named twice become its faults."""
    places = list(dict.fromkeys((folder, manifest_file.parent)))
    lines: dict[Path, int] = {}
    for row in manifest.rows:
        path = find_file(row.written, places)
        expected = f"no such file; looked in {', '.join(map(str, places))}"
        if path is not None:
            first = lines.setdefault(path.resolve(), row.line)
            expected = "" if first == row.line else f"already on line {first}; expected each file once"
        if path is None or expected:
            manifest.faults.append(Fault(row.line, PATH, row.written, expected))
        else:
            yield _item(folder, path, {each: cell for each, cell in row.cells.items() if each != PATH})


def _item(folder: Path, path: Path, facts: dict[str, str]) -> Item:
    absolute = folder.absolute()
    name = path.absolute().relative_to(absolute) if path.absolute().is_relative_to(absolute) else Path(path.name)
    return Item(path.absolute(), tidy_name(name.as_posix()), path.stat().st_size, facts)


def _recordings(folder: Path) -> Iterator[Path]:
    """Audio files in a folder and below it, without hidden ones."""
    for path in sorted(folder.rglob("*")):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in AUDIO_SUFFIXES and not is_hidden and path.is_file():
            yield path
