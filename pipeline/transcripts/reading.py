"""A transcript file, or a folder of them, as utterances with ids that are unique."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pipeline.transcripts import ctm, jsonl, kaldi, plain, stm, table, trn
from pipeline.transcripts.lines import Source
from pipeline.transcripts.values import TranscriptInvalid, Utterance

_KALDI_FILE = "text"
MOST_CHARACTERS = 1_500_000
"""Of an utterance: a day of speech at 15 a second. Aligning time grows with the square: this many take a minute."""


class Kind(StrEnum):
    """A format of transcripts."""

    PLAIN = "plain"
    TSV = "tsv"
    CSV = "csv"
    JSONL = "jsonl"
    CTM = "ctm"
    STM = "stm"
    TRN = "trn"
    KALDI = "kaldi"


_READERS: dict[Kind, Callable[[Source], Iterator[Utterance]]] = {
    Kind.PLAIN: plain.read,
    Kind.TSV: table.read_tsv,
    Kind.CSV: table.read_csv,
    Kind.JSONL: jsonl.read,
    Kind.CTM: ctm.read,
    Kind.STM: stm.read,
    Kind.TRN: trn.read,
    Kind.KALDI: kaldi.read,
}
_KIND_OF_SUFFIX = {
    ".txt": Kind.PLAIN,
    ".tsv": Kind.TSV,
    ".tab": Kind.TSV,
    ".csv": Kind.CSV,
    ".jsonl": Kind.JSONL,
    ".ndjson": Kind.JSONL,
    ".ctm": Kind.CTM,
    ".stm": Kind.STM,
    ".trn": Kind.TRN,
}


@dataclass(frozen=True, slots=True)
class Transcripts:
    """What one side of a comparison holds."""

    name: str
    """Of the file or folder, as text that can be written anywhere."""
    kind: Kind
    utterances: tuple[Utterance, ...]


def read_transcripts(path: Path, *, kind: Kind | None = None) -> Transcripts:
    """The utterances of a file or a folder of files of one format; `kind` None: told by the endings of names.

    Raises:
        TranscriptInvalid: it cannot be read, a line does not fit the format, or an id stands twice.
    """
    source = Source(path)
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise source.fault(None, f"cannot be read: {error.strerror}") from error
    if is_folder:
        kind, sources = _files_in(source, kind)
    else:
        kind, sources = kind or kind_of(path), [source]
    read = _READERS[kind]
    return Transcripts(source.name, kind, _unique(utterance for each in sources for utterance in read(each)))


def kind_of(path: Path) -> Kind:
    """The format that a file's name tells.

    Raises:
        TranscriptInvalid: it tells none.
    """
    if path.name == _KALDI_FILE:
        return Kind.KALDI
    kind = _KIND_OF_SUFFIX.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(_KIND_OF_SUFFIX)
        reason = "the name does not tell its format" if path.exists() else "there is no such file"
        raise Source(path).fault(None, f"{reason}; expected an ending of {known}, or the format named: {_kinds()}")
    return kind


def _files_in(folder: Source, kind: Kind | None) -> tuple[Kind, list[Source]]:
    """The transcript files of a folder, of one format, in order of their names; hidden ones are passed over."""
    root = folder.path
    if kind in (None, Kind.KALDI) and (root / _KALDI_FILE).is_file():
        return Kind.KALDI, [Source(root / _KALDI_FILE)]
    files = [file for file in sorted(root.rglob("*")) if _is_candidate(file, root)]
    kinds = {_KIND_OF_SUFFIX[file.suffix.lower()] for file in files}
    if kind is None and len(kinds) > 1:
        raise folder.fault(None, f"holds transcripts as {', '.join(sorted(kinds))}; name the format that is meant")
    chosen = [file for file in files if kind is None or _KIND_OF_SUFFIX[file.suffix.lower()] is kind]
    if not chosen:
        raise folder.fault(None, f"holds no transcript file; expected {kind or _kinds()}")
    sources = [Source(file, prefix=file.relative_to(root).with_suffix("").as_posix()) for file in chosen]
    return kind or kinds.pop(), sources


def _is_candidate(file: Path, root: Path) -> bool:
    is_hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    return not is_hidden and file.suffix.lower() in _KIND_OF_SUFFIX and file.is_file()


def _kinds() -> str:
    return ", ".join(Kind)


def _unique(utterances: Iterator[Utterance]) -> tuple[Utterance, ...]:
    seen: dict[str, Utterance] = {}
    for utterance in utterances:
        if len(utterance.text) > MOST_CHARACTERS:
            raise TranscriptInvalid(
                f"{utterance.place}: {len(utterance.text):,} characters in one utterance; expected at most "
                f"{MOST_CHARACTERS:,}: cut the text into utterances, one a line"
            )
        first = seen.setdefault(utterance.id, utterance)
        if first is not utterance:
            raise TranscriptInvalid(
                f"{utterance.place}: the id {utterance.id!r} stands already in {first.place}; expected each id once"
            )
    return tuple(seen.values())
