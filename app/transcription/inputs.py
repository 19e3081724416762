"""Which recordings a run is about: files, folders and patterns, with what the manifest says of them."""

from __future__ import annotations

import glob
import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from app.audio.folders import recordings_below
from app.audio.suffixes import AUDIO_SUFFIXES
from app.errors import AppError
from app.paths import PathUnusable, is_folder, is_there
from app.transcription.ledger import Ledger
from app.transcription.manifest import Entry
from pipeline.dialects.catalogue import Dialect


class InputsInvalid(AppError):
    """Paths that name nothing to transcribe."""

    status = 422


@dataclass(frozen=True, slots=True)
class Recording:
    """One file to transcribe."""

    path: Path
    """Absolute; links are not followed."""
    roots: tuple[str, ...]
    """Names of the folders above it, outermost first; those below the folder that was asked for are in `name`."""
    name: PurePosixPath
    """Relative to the folder that was asked for, with its ending; always Unicode."""
    dialect: Dialect | None
    """None where neither manifest nor command line says: it cannot be transcribed."""
    metadata: Mapping[str, str] = field(default_factory=dict)


def find_recordings(
    paths: Sequence[str], entries: Sequence[Entry] | None, *, manifest: Path | None, dialect: Dialect | None
) -> list[Recording]:
    """The recordings under `paths`, by path, each once; without paths, those of the manifest.

    `dialect` is for recordings to which the manifest gives none.

    Raises:
        InputsInvalid: a path or pattern that names no file, or nothing at all to transcribe.
    """
    described = {os.path.realpath(entry.path): entry for entry in entries or ()}
    found: dict[str, tuple[Path, Path]] = {}
    for path, root in _asked_for(paths, manifest=manifest, entries=entries or ()):
        found.setdefault(os.path.realpath(path), (path.absolute(), root.absolute()))
    if not found:
        raise InputsInvalid(f"no recordings in {', '.join(map(repr, paths))}; expected audio files or folders of them")
    recordings = [_recording(*places, described.get(real), dialect) for real, places in found.items()]
    return sorted(recordings, key=lambda recording: recording.path)


def _recording(path: Path, root: Path, entry: Entry | None, dialect: Dialect | None) -> Recording:
    name = PurePosixPath(path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name)
    above = path.parents[len(name.parts) - 1]
    return Recording(
        path=path,
        roots=tuple(_readable(part) for part in above.parts if part != above.anchor),
        name=PurePosixPath(_readable(str(name))),
        dialect=(entry.dialect if entry else None) or dialect,
        metadata=entry.metadata if entry else {},
    )


def _asked_for(paths: Sequence[str], *, manifest: Path | None, entries: Sequence[Entry]) -> Iterator[tuple[Path, Path]]:
    """Each file with the folder that its name is relative to."""
    if not paths and manifest:
        for entry in entries:
            yield entry.path, manifest.parent
    for written in paths:
        path = Path(written)
        if is_folder(path):
            yield from ((file, path) for file in _files_under(path))
        elif is_there(path):
            yield path, path.absolute().parent
        else:
            yield from _matching(written)


def _files_under(folder: Path) -> Iterator[Path]:
    """Audio files in a folder and below it, without hidden ones; what cannot be read is told when it is read."""
    files = recordings_below(folder)
    if folder in files:
        raise PathUnusable(f"{str(folder)!r}: permission denied; give yourself permission to read and enter it")
    yield from files


def _matching(pattern: str) -> Iterator[tuple[Path, Path]]:
    """Files that match a pattern, named from its last folder without wildcards."""
    if not glob.has_magic(pattern):
        raise InputsInvalid(f"no such file or folder: {pattern!r}")
    fixed = []
    for part in Path(pattern).parts:
        if glob.has_magic(part):
            break
        fixed.append(part)
    root = Path(*fixed)
    matches = [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - takes absolute patterns
    files = [match for match in matches if not match.is_dir() and match.suffix.lower() in AUDIO_SUFFIXES]
    if not files:
        raise InputsInvalid(f"no audio file matches {pattern!r}")
    yield from ((file, root) for file in files)


def output_names(recordings: Sequence[Recording], ledger: Ledger) -> dict[Path, str]:
    """A stem for the outputs of each recording, by its path: its name without ending, told apart where that is taken.

    Tried in turn: `a`, `a.wav`, then with more and more of the folders above. A name stays with its recording from run
    to run, so runs on different folders may share an output folder.
    """
    plain = Counter(_folded(str(recording.name.with_suffix(""))) for recording in recordings)
    taken: set[str] = set()
    names: dict[Path, str] = {}
    for recording in recordings:
        is_shared = plain[_folded(str(recording.name.with_suffix("")))] > 1
        names[recording.path] = _free_name(recording, taken, ledger, is_shared=is_shared)
        taken.add(_folded(names[recording.path]))
    return names


def _free_name(recording: Recording, taken: set[str], ledger: Ledger, *, is_shared: bool) -> str:
    own = ledger.names_of(recording.path) - taken
    for name in (*_name_candidates(recording, is_shared=is_shared), *_ends_of_path(recording)):
        if _folded(name) in own:
            return name
    for name in _name_candidates(recording, is_shared=is_shared):
        owner = ledger.source_of(_folded(name))
        is_free = owner is None or owner == recording.path or _is_gone(owner)
        if is_free and _folded(name) not in taken:
            if owner != recording.path:
                ledger.give_name(_folded(name), recording.path)
            return name
    raise InputsInvalid(f"no free output name for {recording.path}; choose another output folder")


def _is_gone(path: Path) -> bool:
    """Whether nothing is there; where the system does not say, something may be."""
    try:
        return not is_there(path)
    except PathUnusable:
        return False


def _name_candidates(recording: Recording, *, is_shared: bool) -> Iterator[str]:
    if not is_shared:
        yield str(recording.name.with_suffix(""))
    yield str(recording.name)
    for depth in range(1, len(recording.roots) + 1):
        yield "/".join([*recording.roots[-depth:], str(recording.name)])


def _ends_of_path(recording: Recording) -> Iterator[str]:
    """Every name that a run on one of the folders above could have given, shortest first."""
    parts = (*recording.roots, *recording.name.parts)
    for n_parts in range(1, len(parts) + 1):
        end = PurePosixPath(*parts[-n_parts:])
        yield from (str(end.with_suffix("")), str(end))


def _readable(name: str) -> str:
    """A file name with its bytes that are no UTF-8 as `%C4`: archives from Windows hold names in GBK and the like."""
    return "".join(f"%{ord(letter) - 0xDC00:02X}" if "\udc80" <= letter <= "\udcff" else letter for letter in name)


def _folded(name: str) -> str:
    """Names that some file system takes for the same are equal."""
    return unicodedata.normalize("NFC", name).casefold()
