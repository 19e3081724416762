"""The models on this machine: fetched, imported and converted ones, each in a folder under the cache."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.asr.checkpoints import read_checkpoint
from pipeline.asr.conversion import (
    MODEL_FILE,
    Quantization,
    complete_or_nothing,
    convert,
    is_ctranslate2_folder,
)
from pipeline.asr.fingerprint import REVISION_DIGITS, combined_sha256, remembered_sha256, sha256_of
from pipeline.asr.hugging_face import is_hugging_face_folder, weights_files
from pipeline.asr.passport import PASSPORT_FILE, Passport, read_json, read_passport, write_passport
from pipeline.asr.vocabulary import TOKENIZER_FILE
from pipeline.errors import ModelUnavailable

DEMO_NAME = "demo"
DEMO_FOLDER = Path(__file__).resolve().parents[2] / "demo" / "model"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MODEL_FILES = (MODEL_FILE, "config.json", TOKENIZER_FILE, "preprocessor_config.json", PASSPORT_FILE)
_VOCABULARY_PATTERN = "vocabulary.*"


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model that is ready on this machine."""

    name: str
    folder: Path
    passport: Passport

    @property
    def size_bytes(self) -> int:
        """Of all its files."""
        return sum(file.stat().st_size for file in self.folder.iterdir() if file.is_file())


class ModelStore:
    """Model folders under one cache folder, by name; each is complete or not there."""

    def __init__(self, cache_folder: Path) -> None:
        self._models = cache_folder / "models"
        self._converted = cache_folder / "converted"

    def __iter__(self) -> Iterator[StoredModel]:
        """All stored models in order of name."""
        folders = sorted(self._models.iterdir()) if self._models.is_dir() else []
        for folder in folders:
            if _NAME.fullmatch(folder.name) and is_ctranslate2_folder(folder):
                yield StoredModel(folder.name, folder, read_passport(folder))

    def find(self, name: str) -> StoredModel | None:
        """The stored model of this name; None where there is none."""
        folder = self._models / name
        if not _NAME.fullmatch(name) or not is_ctranslate2_folder(folder):
            return None
        return StoredModel(name, folder, read_passport(folder))

    def place_for(self, name: str) -> Path:
        """Where a model of this name goes.

        Raises:
            ModelUnavailable: the name is none, or is taken.
        """
        if not _NAME.fullmatch(name) or name == DEMO_NAME:
            raise ModelUnavailable(
                f"{name!r} is no name for a model, expected letters, digits, `.`, `_`, `-`; not `demo`"
            )
        if self.find(name) is not None:
            raise ModelUnavailable(f"a model named {name!r} is there already, at {self._models / name}")
        return self._models / name

    def import_model(self, source: Path, *, name: str) -> StoredModel:
        """Copy a CTranslate2 folder, or convert a checkpoint, into the store; the copy is read back and compared.

        Raises:
            ModelUnavailable: the source is missing, damaged or no model, or the name is taken.
        """
        destination = self.place_for(name)
        if source.is_dir() and is_ctranslate2_folder(source):
            check_ctranslate2_folder(source)
            with complete_or_nothing(destination) as partial:
                copy_model(source, partial)
                finish(partial, Passport(name=name, origin=str(source)))
        else:
            checkpoint = read_checkpoint(source)
            passport = replace(checkpoint.passport, name=checkpoint.passport.name or name, origin=str(source))
            convert(replace(checkpoint, passport=passport), destination, quantization=Quantization.FLOAT16)
        return StoredModel(name, destination, read_passport(destination))

    def converted(self, source: Path, *, quantization: Quantization) -> Path:
        """The CTranslate2 form of a checkpoint, made once for each set of weights and quantization.

        Raises:
            ModelUnavailable: the checkpoint is missing or damaged, or the cache cannot be written.
        """
        is_folder = source.is_dir()
        if is_folder and not is_hugging_face_folder(source):
            raise ModelUnavailable(
                f"{source}: no model in it, expected {MODEL_FILE} (CTranslate2) or config.json with model.safetensors"
            )
        files = weights_files(source) if is_folder else [source]
        folder = self._converted / f"{combined_sha256(files)[:REVISION_DIGITS]}-{quantization.value}"
        if is_ctranslate2_folder(folder) and not is_intact(folder):
            shutil.rmtree(folder, ignore_errors=True)
        if not is_ctranslate2_folder(folder):
            convert(read_checkpoint(source), folder, quantization=quantization)
        _carry_passport(source if is_folder else source.parent, folder)
        return folder


def is_intact(folder: Path) -> bool:
    """Whether the weights are still those that were put there; hashed again only if size or time of change differ."""
    expected = read_passport(folder).weights_sha256
    return expected is None or remembered_sha256(folder / MODEL_FILE) == expected


def check_ctranslate2_folder(folder: Path) -> None:
    """Make sure that a folder holds all that a Whisper model by CTranslate2 needs.

    Raises:
        ModelUnavailable: a file is missing or damaged; the message names it.
    """
    from pipeline.asr.tokens import WhisperTokens

    check_files(folder)
    read_json(folder / "config.json")
    WhisperTokens.from_file(folder / TOKENIZER_FILE)


def check_files(folder: Path) -> None:
    """Make sure that the files of a CTranslate2 folder are there and that the weights are those it was made with.

    Raises:
        ModelUnavailable: a file is missing, or the weights have changed.
    """
    for name in (MODEL_FILE, "config.json", TOKENIZER_FILE):
        if not (folder / name).is_file():
            raise ModelUnavailable(f"{folder / name}: missing, expected in a CTranslate2 Whisper folder")
    if not any(folder.glob(_VOCABULARY_PATTERN)):
        raise ModelUnavailable(f"{folder}: no vocabulary.json or vocabulary.txt, expected in a CTranslate2 folder")
    if not is_intact(folder):
        raise ModelUnavailable(f"{folder / MODEL_FILE}: not the weights that boli.json tells of; get the model again")


def copy_model(source: Path, destination: Path) -> None:
    """Copy the files of a CTranslate2 folder and compare the weights' sha256 on either side.

    Raises:
        ModelUnavailable: the copy differs: a bad stick or disk.
    """
    names = [name for name in _MODEL_FILES if (source / name).is_file()]
    names += [file.name for file in source.glob(_VOCABULARY_PATTERN)]
    for name in names:
        shutil.copyfile(source / name, destination / name)
    if sha256_of(source / MODEL_FILE) != sha256_of(destination / MODEL_FILE):
        raise ModelUnavailable(f"{source / MODEL_FILE}: reads differently each time; the stick or disk may be failing")


def finish(folder: Path, claims: Passport) -> None:
    """Check a filled folder and note in its passport what it is, without touching what its maker claims."""
    check_ctranslate2_folder(folder)
    own = read_passport(folder)
    passport = replace(
        own,
        name=own.name or claims.name,
        licence=own.licence or claims.licence,
        origin=claims.origin,
        weights_sha256=remembered_sha256(folder / MODEL_FILE),
    )
    write_passport(passport, folder)


def _carry_passport(source: Path, folder: Path) -> None:
    """Let what the checkpoint's folder claims by now (as after a calibration) hold for its converted form."""
    if not (source / PASSPORT_FILE).is_file():
        return
    claimed, present = read_passport(source), read_passport(folder)
    wanted = replace(
        claimed,
        source_sha256=present.source_sha256,
        quantization=present.quantization,
        weights_sha256=present.weights_sha256,
    )
    if wanted != present:
        write_passport(wanted, folder)
