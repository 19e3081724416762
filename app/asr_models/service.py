"""What `boli models` does, apart from talking to the person."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.asr_models.options import load_options
from app.settings import Settings
from pipeline.asr.checkpoints import read_checkpoint
from pipeline.asr.conversion import MODEL_FILE, Quantization, convert
from pipeline.asr.fetching import fetch
from pipeline.asr.fingerprint import combined_sha256, remembered_sha256, sha256_of
from pipeline.asr.hugging_face import weights_files
from pipeline.asr.loading import Fetching, ctranslate2_folder, load_recogniser
from pipeline.asr.model_store import DEMO_FOLDER, DEMO_NAME, ModelStore, StoredModel
from pipeline.asr.passport import read_passport
from pipeline.asr.recogniser import SAMPLE_RATE_HZ, Request
from pipeline.errors import ModelUnavailable
from pipeline.known_models import KNOWN_MODELS


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model in the list."""

    name: str
    is_here: bool
    size_mb: int
    """As stored; about, where it is still to be fetched."""
    sha256: str | None
    licence: str | None
    short_context_verified: bool
    folder: str | None


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found of a model that works."""

    name: str
    folder: Path
    sha256: str
    was_recorded: bool
    """Whether there was a sha256 on record to compare with."""
    load_ms: int
    decode_ms: int
    """For one second of noise."""
    revision: str
    n_languages: int | None


def list_models(settings: Settings) -> Iterator[ModelRow]:
    """The demo model, those stored here, then those that could be fetched."""
    if DEMO_FOLDER.is_dir():
        yield _demo_row()
    stored = {model.name: model for model in ModelStore(settings.cache_folder)}
    for model in stored.values():
        yield _stored_row(model)
    for known in KNOWN_MODELS.values():
        if known.name not in stored:
            yield ModelRow(known.name, False, known.size_mb, None, known.licence, False, None)


def fetch_model(name: str, settings: Settings, *, mirror: str | None) -> StoredModel:
    """Bring a known model onto this machine.

    Raises:
        ModelUnavailable: unknown name, already here, or the hub did not give it.
    """
    known = KNOWN_MODELS.get(name)
    if known is None:
        raise ModelUnavailable(f"no model {name!r} to fetch, expected one of {', '.join(KNOWN_MODELS)}")
    return fetch(known, ModelStore(settings.cache_folder), mirror=mirror or settings.mirror)


def import_model(source: Path, settings: Settings, *, name: str | None) -> StoredModel:
    """Copy or convert a model from a folder or file onto this machine.

    Raises:
        ModelUnavailable: missing, damaged or no model, or the name is taken.
    """
    own_name = source.stem if source.is_file() else source.resolve().name
    return ModelStore(settings.cache_folder).import_model(source, name=name or own_name)


def convert_model(source: str, destination: Path, *, quantization: Quantization) -> Path:
    """Write a checkpoint (a folder, a `.pt` file or `demo`) as a CTranslate2 folder.

    Raises:
        ModelUnavailable: the source is missing or damaged, or something is at the destination.
    """
    if destination.exists():
        raise ModelUnavailable(f"{destination}: already there; name a folder that does not exist yet")
    folder = DEMO_FOLDER if source == DEMO_NAME else Path(source)
    return convert(read_checkpoint(folder), destination, quantization=quantization)


def check_model(name: str, settings: Settings) -> CheckReport:
    """Hash a model's weights anew, load it and let it decode a second of noise.

    Raises:
        ModelUnavailable: not here, damaged, or not loading.
    """
    options = replace(load_options(settings), fetching=Fetching.NEVER)
    folder = ctranslate2_folder(name, options)
    recorded = read_passport(folder).weights_sha256
    digest = sha256_of(folder / MODEL_FILE)
    if recorded is not None and digest != recorded:
        raise ModelUnavailable(
            f"{folder / MODEL_FILE}: sha256 is {digest}, on record is {recorded}: damaged; delete the folder and get "
            "the model again"
        )
    started_s = time.monotonic()
    recogniser = load_recogniser(name, options=options)
    loaded_s = time.monotonic()
    languages = recogniser.languages
    noise = np.random.default_rng(0).normal(0, 0.05, SAMPLE_RATE_HZ).astype(np.float32)
    recogniser.recognise([Request(noise, min(languages) if languages else "en", max_tokens=8)])
    done_s = time.monotonic()
    return CheckReport(
        name=name,
        folder=folder,
        sha256=digest,
        was_recorded=recorded is not None,
        load_ms=round((loaded_s - started_s) * 1000),
        decode_ms=round((done_s - loaded_s) * 1000),
        revision=recogniser.identity.revision,
        n_languages=None if languages is None else len(languages),
    )


def _stored_row(model: StoredModel) -> ModelRow:
    passport = model.passport
    return ModelRow(
        name=model.name,
        is_here=True,
        size_mb=max(1, model.size_bytes // 10**6),
        sha256=remembered_sha256(model.folder / MODEL_FILE),
        licence=passport.licence,
        short_context_verified=passport.short_context_verified,
        folder=str(model.folder),
    )


def _demo_row() -> ModelRow:
    files, passport = weights_files(DEMO_FOLDER), read_passport(DEMO_FOLDER)
    return ModelRow(
        name=DEMO_NAME,
        is_here=True,
        size_mb=max(1, sum(file.stat().st_size for file in files) // 10**6),
        sha256=combined_sha256(files),
        licence=passport.licence,
        short_context_verified=passport.short_context_verified,
        folder=str(DEMO_FOLDER),
    )
