"""Fetching model weights by name from the model hub or a mirror of it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import httpx
from filelock import FileLock

from pipeline.asr.conversion import MODEL_FILE, rename_into_place
from pipeline.asr.downloading import Persistence, download
from pipeline.asr.fingerprint import remembered_sha256
from pipeline.asr.model_store import ModelStore, StoredModel, finish
from pipeline.asr.passport import Passport, read_passport
from pipeline.errors import ModelUnavailable
from pipeline.known_models import KnownModel

_WANTED_FILES = ["config.json", "preprocessor_config.json", MODEL_FILE, "tokenizer.json", "vocabulary.*"]
_ROOM_TO_SPARE_BYTES = 2**28
DEFAULT_PERSISTENCE = Persistence()


@dataclass(frozen=True, slots=True)
class _Announced:
    """What a hub says of one file."""

    name: str
    size_bytes: int
    sha256: str | None


def fetch(
    known: KnownModel, store: ModelStore, *, mirror: str | None = None, persistence: Persistence = DEFAULT_PERSISTENCE
) -> StoredModel:
    """Bring a model into the store, with a progress bar; a fetch that broke off goes on where it stopped.

    mirror: address of a hub with the same interface, such as `https://hf-mirror.com`.
    Raises:
        ModelUnavailable: the hub cannot be reached, lacks the model, or sent other bytes than it announced; or the
            disk is too full. The message says what to do.
    """
    destination = store.place_for(known.name)
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(destination.with_name(f".{known.name}.lock")):
            # another process may have fetched it while this one waited
            return store.find(known.name) or _fetch_alone(known, destination, mirror=mirror, persistence=persistence)
    except OSError as error:
        raise ModelUnavailable(f"{destination}: cannot be written ({error.strerror})") from error


def _fetch_alone(known: KnownModel, destination: Path, *, mirror: str | None, persistence: Persistence) -> StoredModel:
    commit, files = _announced(known, mirror)
    # one name for all attempts at this commit: the next one finds what this one has got
    partial = destination.with_name(f".{known.name}.{commit[:8]}.part")
    _make_room(partial, known, files)
    for announced in files:
        _bring(known, announced, partial, url=_url(known, commit, announced.name, mirror), persistence=persistence)
    finish(partial, Passport(name=known.name, licence=known.licence, origin=f"{known.repository}@{commit}"))
    rename_into_place(partial, destination)
    return StoredModel(known.name, destination, read_passport(destination))


def how_to_get(name: str) -> str:
    """What to do where the hub cannot be reached."""
    return (
        f"On a machine with a line to a mirror: boli models fetch {name} --mirror URL (for instance "
        f"https://hf-mirror.com). Without one: bring the model's folder on a stick and run "
        f"boli models import FOLDER --name {name}"
    )


def _announced(known: KnownModel, mirror: str | None) -> tuple[str, list[_Announced]]:
    """The commit to fetch and its files that a model needs, small ones first."""
    from huggingface_hub import HfApi

    try:
        # no token of this machine's user goes to whoever runs a mirror
        api = HfApi(endpoint=mirror, token=None if mirror is None else False)
        found = api.model_info(known.repository, files_metadata=True, timeout=20)
    except Exception as error:  # the library raises its transport's errors as they come
        raise _unavailable(known, mirror, error) from error
    files = [
        _Announced(sibling.rfilename, sibling.size or 0, sibling.lfs.sha256 if sibling.lfs else None)
        for sibling in found.siblings or []
        if any(fnmatch(sibling.rfilename, pattern) for pattern in _WANTED_FILES) and "/" not in sibling.rfilename
    ]
    if not any(announced.name == MODEL_FILE for announced in files):
        raise ModelUnavailable(f"{known.name}: {known.repository} has no {MODEL_FILE} at {mirror or 'the hub'}")
    return found.sha or "main", sorted(files, key=lambda announced: announced.size_bytes)


def _url(known: KnownModel, commit: str, name: str, mirror: str | None) -> str:
    from huggingface_hub import hf_hub_url

    return hf_hub_url(known.repository, name, revision=commit, endpoint=mirror)


def _bring(known: KnownModel, announced: _Announced, folder: Path, *, url: str, persistence: Persistence) -> None:
    file = folder / announced.name
    try:
        download(url, file, size_bytes=announced.size_bytes, persistence=persistence)
    except httpx.HTTPError as error:
        raise _unavailable(known, url, error) from error
    if announced.sha256 is not None and remembered_sha256(file) != announced.sha256:
        file.unlink()
        raise ModelUnavailable(
            f"{known.name}: {file.name} arrived damaged (sha256 is not {announced.sha256}); fetch it again"
        )


def _make_room(partial: Path, known: KnownModel, files: Sequence[_Announced]) -> None:
    partial.mkdir(exist_ok=True)
    present_bytes = sum(file.stat().st_size for file in partial.iterdir())
    free_bytes = shutil.disk_usage(partial).free
    needed_bytes = sum(announced.size_bytes for announced in files) + _ROOM_TO_SPARE_BYTES - present_bytes
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
