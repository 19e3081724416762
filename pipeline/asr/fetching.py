"""Fetching model weights by name from the model hub or a mirror of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.asr.conversion import MODEL_FILE, rename_into_place
from pipeline.asr.fingerprint import remembered_sha256
from pipeline.asr.known_models import KnownModel
from pipeline.asr.model_store import ModelStore, StoredModel, finish
from pipeline.asr.passport import Passport, read_passport
from pipeline.errors import ModelUnavailable

_WANTED_FILES = ["config.json", "preprocessor_config.json", MODEL_FILE, "tokenizer.json", "vocabulary.*"]
_ROOM_TO_SPARE_BYTES = 2**28


def fetch(known: KnownModel, store: ModelStore, *, mirror: str | None = None) -> StoredModel:
    """Bring a model into the store, with a progress bar; a fetch that broke off goes on where it stopped.

    mirror: address of a hub with the same interface, such as `https://hf-mirror.com`.
    Raises:
        ModelUnavailable: the hub cannot be reached, lacks the model, or sent other bytes than it announced; or the
            disk is too full. The message says what to do.
    """
    destination = store.place_for(known.name)
    # a name of its own, not a random one: the next attempt finds what this one has got
    partial = destination.with_name(f".{known.name}.partial")
    commit, announced = _announced(known, mirror)
    _make_room(partial, known)
    _download(known, partial, commit=commit, mirror=mirror)
    if announced is not None and remembered_sha256(partial / MODEL_FILE) != announced:
        shutil.rmtree(partial, ignore_errors=True)
        raise ModelUnavailable(
            f"{known.name}: {MODEL_FILE} arrived damaged (sha256 is not {announced}); fetch it again"
        )
    shutil.rmtree(partial / ".cache", ignore_errors=True)
    finish(partial, Passport(name=known.name, licence=known.licence, origin=f"{known.repository}@{commit}"))
    try:
        rename_into_place(partial, destination)
    except OSError as error:
        raise ModelUnavailable(f"{destination}: cannot be written ({error.strerror})") from error
    return StoredModel(known.name, destination, read_passport(destination))


def how_to_get(name: str) -> str:
    """What to do where the hub cannot be reached."""
    return (
        f"On a machine with a line to a mirror: boli models fetch {name} --mirror URL (for instance "
        f"https://hf-mirror.com). Without one: bring the model's folder on a stick and run "
        f"boli models import FOLDER --name {name}"
    )


def _announced(known: KnownModel, mirror: str | None) -> tuple[str, str | None]:
    """The commit to fetch and the sha256 that the hub gives for the weights; None where it gives none."""
    from huggingface_hub import HfApi

    try:
        found = HfApi(endpoint=mirror).model_info(known.repository, files_metadata=True, timeout=20)
    except Exception as error:  # the library raises its transport's errors as they come
        raise _unavailable(known, mirror, error) from error
    weights = [sibling for sibling in found.siblings or [] if sibling.rfilename == MODEL_FILE]
    if not weights:
        raise ModelUnavailable(f"{known.name}: {known.repository} has no {MODEL_FILE} at {mirror or 'the hub'}")
    return found.sha or "main", weights[0].lfs.sha256 if weights[0].lfs else None


def _download(known: KnownModel, partial: Path, *, commit: str, mirror: str | None) -> None:
    from huggingface_hub import snapshot_download

    try:
        snapshot_download(
            known.repository,
            revision=commit,
            local_dir=partial,
            allow_patterns=_WANTED_FILES,
            endpoint=mirror,
            # no token of this machine's user goes to whoever runs the mirror
            token=None if mirror is None else False,
        )
    except Exception as error:  # as above
        raise _unavailable(known, mirror, error) from error


def _make_room(partial: Path, known: KnownModel) -> None:
    try:
        partial.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelUnavailable(f"{partial}: cannot be written ({error.strerror})") from error
    present_bytes = sum(file.stat().st_size for file in partial.rglob("*") if file.is_file())
    needed_bytes = known.size_mb * 10**6 + _ROOM_TO_SPARE_BYTES - present_bytes
    free_bytes = shutil.disk_usage(partial).free
    if free_bytes < needed_bytes:
        raise ModelUnavailable(
            f"{known.name} needs {needed_bytes // 10**6} MB in {partial.parent}, {free_bytes // 10**6} MB are free"
        )


def _unavailable(known: KnownModel, mirror: str | None, error: Exception) -> ModelUnavailable:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    where = mirror or "the model hub"
    return ModelUnavailable(
        f"{known.name} is not on this machine and {where} did not give it ({reason}). {how_to_get(known.name)}"
    )
