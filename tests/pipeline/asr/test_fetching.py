"""Models that are fetched by name."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.asr.downloading import Persistence
from pipeline.asr.fetching import fetch
from pipeline.asr.fingerprint import sha256_of
from pipeline.asr.loading import LoadOptions, load_recogniser
from pipeline.asr.model_store import ModelStore, StoredModel
from pipeline.asr.passport import read_passport
from pipeline.errors import ModelUnavailable
from pipeline.known_models import KNOWN_MODELS
from tests.pipeline.asr.model_hub import COMMIT, NOBODY, Hub


def test_a_known_name_is_fetched_once_and_its_sha256_recorded(hub: Hub, options: LoadOptions) -> None:
    recogniser = load_recogniser("tiny", options=replace(options, mirror=hub.url))
    sha256 = sha256_of(hub.folder / "model.bin")
    assert recogniser.identity.name == "tiny"
    assert recogniser.identity.revision == sha256[:12]
    folder = options.cache_folder / "models" / "tiny"
    passport = read_passport(folder)
    assert passport.weights_sha256 == sha256
    assert passport.licence == "MIT"
    assert passport.origin == f"Systran/faster-whisper-tiny@{COMMIT}"
    assert not list(folder.parent.glob(".*.part"))
    n_asked = len(hub.asked)
    load_recogniser("tiny", options=options)
    assert len(hub.asked) == n_asked


def test_a_fetch_goes_on_where_the_line_broke_off(hub: Hub, options: LoadOptions) -> None:
    hub.n_breaks = 2
    quick = Persistence(first_wait_ms=1)
    stored = fetch(KNOWN_MODELS["tiny"], ModelStore(options.cache_folder), mirror=hub.url, persistence=quick)
    size = (hub.folder / "model.bin").stat().st_size
    assert hub.ranges == [f"bytes={size // 2}-", f"bytes={size // 2 + (size - size // 2) // 2}-"]
    assert sha256_of(stored.folder / "model.bin") == sha256_of(hub.folder / "model.bin")


def test_a_fetch_that_was_given_up_goes_on_in_the_next_run(hub: Hub, options: LoadOptions) -> None:
    hub.n_breaks = 1
    store = ModelStore(options.cache_folder)
    hopeless = Persistence(n_fruitless=0, first_wait_ms=1)
    with pytest.raises(ModelUnavailable, match=r"tiny is not on this machine .*boli models import FOLDER"):
        fetch(KNOWN_MODELS["tiny"], store, mirror=hub.url, persistence=hopeless)
    assert store.find("tiny") is None
    assert hub.ranges == []
    stored = fetch(KNOWN_MODELS["tiny"], store, mirror=hub.url, persistence=hopeless)
    assert hub.ranges == [f"bytes={(hub.folder / 'model.bin').stat().st_size // 2}-"]
    assert sha256_of(stored.folder / "model.bin") == sha256_of(hub.folder / "model.bin")
    assert not list(stored.folder.parent.glob(".*.part"))


def test_two_at_once_fetch_it_once(hub: Hub, options: LoadOptions) -> None:
    stored: list[StoredModel] = []

    def work() -> None:
        stored.append(fetch(KNOWN_MODELS["tiny"], ModelStore(options.cache_folder), mirror=hub.url))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stored[0] == stored[1]
    assert sum(path.endswith("/model.bin") for path in hub.asked) == 1
    assert sha256_of(stored[0].folder / "model.bin") == sha256_of(hub.folder / "model.bin")


def test_a_hub_that_serves_no_parts_is_read_from_the_start_again(hub: Hub, options: LoadOptions) -> None:
    hub.n_breaks, hub.serves_parts = 1, False
    quick = Persistence(first_wait_ms=1)
    stored = fetch(KNOWN_MODELS["tiny"], ModelStore(options.cache_folder), mirror=hub.url, persistence=quick)
    assert sha256_of(stored.folder / "model.bin") == sha256_of(hub.folder / "model.bin")


def test_other_bytes_than_the_hub_announced_are_thrown_away(hub: Hub, options: LoadOptions) -> None:
    hub.lies = True
    with pytest.raises(ModelUnavailable, match=r"tiny: model\.bin arrived damaged"):
        load_recogniser("tiny", options=replace(options, mirror=hub.url))
    assert ModelStore(options.cache_folder).find("tiny") is None
    assert not list(options.cache_folder.rglob("model.bin"))


def test_without_a_line_the_error_says_exactly_what_to_do(options: LoadOptions) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        load_recogniser("small", options=options)
    message = str(caught.value)
    assert f"small is not on this machine and {NOBODY} did not give it" in message
    assert "boli models fetch small --mirror URL" in message
    assert "boli models import FOLDER --name small" in message
    assert not caught.value.retryable


def test_a_hub_without_the_model_is_told(hub: Hub, options: LoadOptions, tmp_path: Path) -> None:
    hub.folder = tmp_path / "empty"
    hub.folder.mkdir()
    with pytest.raises(ModelUnavailable, match=r"Systran/faster-whisper-base has no model\.bin"):
        load_recogniser("base", options=replace(options, mirror=hub.url))
