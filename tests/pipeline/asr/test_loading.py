"""Models by name, folder and file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.asr.fingerprint import noted_sha256, remembered_sha256, sha256_of
from pipeline.asr.loading import Context, Fetching, LoadOptions, ctranslate2_folder, load_recogniser
from pipeline.asr.model_store import ModelStore
from pipeline.asr.passport import Passport, read_passport, write_passport
from pipeline.errors import ModelUnavailable
from pipeline.known_models import KNOWN_MODELS
from pipeline.processor import usable_cores
from tests.pipeline.asr.model_hub import NOBODY, Hub, digest_of, noise


def test_a_hugging_face_folder_is_converted_once_and_then_found(whisper_folder: Path, options: LoadOptions) -> None:
    recogniser = load_recogniser(str(whisper_folder), options=options)
    sha256 = sha256_of(whisper_folder / "model.safetensors")
    assert recogniser.identity.engine == "ctranslate2"
    assert recogniser.identity.name == "tiny-random"
    assert recogniser.identity.revision == sha256[:12]
    assert recogniser.recognise([noise()])[0].n_tokens <= 5
    (folder,) = (options.cache_folder / "converted").iterdir()
    assert folder.name == f"{sha256[:12]}-int8"
    first = (folder / "model.bin").stat().st_mtime_ns
    load_recogniser(str(whisper_folder), options=options)
    assert (folder / "model.bin").stat().st_mtime_ns == first


def test_a_damaged_conversion_is_made_again(whisper_folder: Path, options: LoadOptions) -> None:
    folder = ctranslate2_folder(str(whisper_folder), options)
    whole = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(whole[: len(whole) // 2])
    assert load_recogniser(str(whisper_folder), options=options).recognise([noise()])
    assert (folder / "model.bin").read_bytes() == whole


def test_what_the_folder_claims_later_holds_for_its_conversion(
    make_whisper: Callable[..., Path], options: LoadOptions, tmp_path: Path
) -> None:
    source = make_whisper(tmp_path / "hf")
    folder = ctranslate2_folder(str(source), options)
    assert not read_passport(folder).short_context_verified
    write_passport(Passport(name="mine", short_context_verified=True), source)
    assert read_passport(ctranslate2_folder(str(source), options)).short_context_verified
    assert read_passport(folder).weights_sha256 == sha256_of(folder / "model.bin")
    assert load_recogniser(str(source), options=options).identity.name == "mine"


def test_short_context_is_for_models_verified_for_it_unless_asked(
    make_whisper: Callable[..., Path], options: LoadOptions, tmp_path: Path
) -> None:
    source = make_whisper(tmp_path / "hf")
    short = replace(noise(), is_full_window=False)
    full = replace(noise(), is_full_window=True)

    def is_short(context: Context) -> bool:
        recogniser = load_recogniser(str(source), options=replace(options, context=context))
        return recogniser.batch_key(short) != recogniser.batch_key(full)

    assert [is_short(context) for context in (Context.AUTO, Context.SHORT, Context.FULL)] == [False, True, False]
    write_passport(Passport(short_context_verified=True), source)
    assert [is_short(context) for context in (Context.AUTO, Context.SHORT, Context.FULL)] == [True, True, False]


def test_a_folder_from_a_stick_is_copied_and_goes_by_its_name(converted: Path, options: LoadOptions) -> None:
    stored = ModelStore(options.cache_folder).import_model(converted, name="hub-hindi")
    assert sha256_of(stored.folder / "model.bin") == sha256_of(converted / "model.bin")
    assert stored.passport.weights_sha256 == sha256_of(converted / "model.bin")
    assert load_recogniser("hub-hindi", options=options).identity.name == "hub-hindi"
    with pytest.raises(ModelUnavailable, match="a model named 'hub-hindi' is there already"):
        ModelStore(options.cache_folder).import_model(converted, name="hub-hindi")


def test_a_checkpoint_from_a_stick_is_converted(whisper_folder: Path, options: LoadOptions) -> None:
    stored = ModelStore(options.cache_folder).import_model(whisper_folder, name="own")
    assert stored.passport.quantization == "float16"
    assert stored.passport.source_sha256 == sha256_of(whisper_folder / "model.safetensors")
    assert load_recogniser("own", options=options).recognise([noise()])


@pytest.mark.parametrize("name", ["demo", "", "../outside", "a/b", ".hidden", "x" * 65])
def test_a_name_that_is_none_is_refused(converted: Path, options: LoadOptions, name: str) -> None:
    with pytest.raises(ModelUnavailable, match="is no name for a model"):
        ModelStore(options.cache_folder).import_model(converted, name=name)
    assert not options.cache_folder.exists()


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "vocabulary.json"])
def test_a_folder_on_a_stick_that_lacks_a_file_is_told_and_nothing_is_kept(
    converted: Path, options: LoadOptions, tmp_path: Path, missing: str
) -> None:
    stick = tmp_path / "stick"
    shutil.copytree(converted, stick)
    (stick / missing).unlink()
    with pytest.raises(ModelUnavailable, match=missing.replace(".", r"\.")):
        ModelStore(options.cache_folder).import_model(stick, name="half")
    assert not options.cache_folder.exists()


def test_weights_that_changed_since_they_were_stored_are_not_used(converted: Path, options: LoadOptions) -> None:
    stored = ModelStore(options.cache_folder).import_model(converted, name="own")
    content = bytearray((stored.folder / "model.bin").read_bytes())
    content[-1] ^= 1
    (stored.folder / "model.bin").write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"model\.bin: not the weights that boli\.json tells of"):
        load_recogniser("own", options=options)


def test_weights_that_ctranslate2_cannot_read_are_an_error(
    converted: Path, options: LoadOptions, tmp_path: Path
) -> None:
    folder = tmp_path / "cut"
    shutil.copytree(converted, folder)
    (folder / "model.bin").write_bytes((converted / "model.bin").read_bytes()[:50_000])
    with pytest.raises(ModelUnavailable, match="CTranslate2 cannot load it"):
        load_recogniser(str(folder), options=options)


def test_a_sha256_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"one")
    first = remembered_sha256(file)
    assert first == digest_of(b"one")
    note = tmp_path / "model.bin.sha256.json"
    note.write_text(note.read_text().replace(first, "f" * 64))
    assert remembered_sha256(file) == noted_sha256(file) == "f" * 64
    file.write_bytes(b"other")
    assert remembered_sha256(file) == digest_of(b"other")
    note.write_text("broken")
    assert remembered_sha256(file) == digest_of(b"other")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("smal", r"no model 'smal'.*the nearest are small, small\.en"),
        ("qqqqqqq", r"no model 'qqqqqqq'.*`boli models list` shows"),
        ("no/such/folder", r"no/such/folder: no such file or folder"),
    ],
)
def test_an_unknown_model_names_the_nearest(options: LoadOptions, model: str, message: str) -> None:
    with pytest.raises(ModelUnavailable, match=message):
        load_recogniser(model, options=options)


def test_a_folder_without_a_model_says_what_was_expected(options: LoadOptions, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"no model in it, expected model\.bin \(CTranslate2\) or config\.json"):
        load_recogniser(str(tmp_path), options=options)


def test_a_known_name_wins_over_a_folder_of_that_name(
    options: LoadOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "small").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelUnavailable, match="small is not on this machine"):
        load_recogniser("small", options=options)
    with pytest.raises(ModelUnavailable, match="small: no model in it"):
        load_recogniser("./small", options=options)


def test_an_unknown_engine_lists_the_engines(options: LoadOptions) -> None:
    with pytest.raises(ModelUnavailable, match="expected one of ctranslate2, openai-whisper, http, fake"):
        load_recogniser("demo", engine="kaldi", options=options)


def test_the_fake_and_http_engines_are_set_by_options(options: LoadOptions) -> None:
    assert load_recogniser("any", engine="fake", options=options).identity.engine == "fake"
    with pytest.raises(ModelUnavailable, match="set BOLI_ASR_URL"):
        load_recogniser("qwen3-asr", engine="http", options=options)
    with pytest.raises(ModelUnavailable, match="BOLI_ASR_URL: expected an address"):
        load_recogniser("m", engine="http", options=replace(options, service_url="nonsense"))
    remote = load_recogniser("m", engine="http", options=replace(options, service_url=f"{NOBODY}/v1"))
    assert remote.identity.name == "m"


def test_a_model_that_may_not_be_fetched_is_an_error_that_says_how_to(options: LoadOptions, hub: Hub) -> None:
    never = replace(options, fetching=Fetching.NEVER, mirror=hub.url)
    with pytest.raises(ModelUnavailable, match="`boli models fetch small` brings it here"):
        load_recogniser("small", options=never)
    assert hub.asked == []
    assert not options.cache_folder.exists()


def test_a_model_for_demonstration_says_so_in_its_identity(options: LoadOptions) -> None:
    assert load_recogniser("demo", options=options).identity.is_for_demo_only
    assert not load_recogniser("any", engine="fake", options=options).identity.is_for_demo_only


@pytest.mark.parametrize("has_affinity", [True, False])
def test_cores_are_counted_where_the_system_knows_no_affinity(
    has_affinity: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_affinity:
        monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


def test_the_names_are_those_of_faster_whisper() -> None:
    from faster_whisper.utils import _MODELS

    assert {model.name: model.repository for model in KNOWN_MODELS.values()} == _MODELS
