"""Models by name, folder and file; a real local hub that gives, breaks off and lies."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from pipeline.asr.checkpoints import read_checkpoint
from pipeline.asr.conversion import Quantization, convert
from pipeline.asr.downloading import Persistence
from pipeline.asr.fetching import fetch
from pipeline.asr.fingerprint import noted_sha256, remembered_sha256, sha256_of
from pipeline.asr.known_models import KNOWN_MODELS
from pipeline.asr.loading import Context, LoadOptions, ctranslate2_folder, load_recogniser
from pipeline.asr.model_store import ModelStore, StoredModel
from pipeline.asr.passport import Passport, read_passport, write_passport
from pipeline.asr.recogniser import Request
from pipeline.errors import ModelUnavailable

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NOBODY = "http://127.0.0.1:9"


@dataclass
class Hub:
    """A local model hub with one repository."""

    folder: Path
    url: str = ""
    n_breaks: int = 0
    """How often the weights end in the middle of what was asked for."""
    serves_parts: bool = True
    lies: bool = False
    asked: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def converted(whisper_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CTranslate2 folder as a hub has it: without our passport."""
    folder = tmp_path_factory.mktemp("converted") / "tiny-random"
    convert(read_checkpoint(whisper_folder), folder, quantization=Quantization.FLOAT16)
    (folder / "boli.json").unlink()
    return folder


@pytest.fixture
def hub(converted: Path) -> Iterator[Hub]:  # noqa: C901 - a server with its handler
    served = Hub(converted)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer(with_body=False)

        def do_GET(self) -> None:
            self.answer(with_body=True)

        def answer(self, *, with_body: bool) -> None:
            served.asked.append(self.path)
            name = self.path.rpartition("/")[2]
            if "/api/models/" in self.path:
                self.send(200, json.dumps(self.listing()).encode(), with_body=with_body)
            elif "/resolve/" in self.path and (served.folder / name).is_file():
                self.send_file(name, with_body=with_body)
            else:
                self.send(404, b"no such thing", with_body=with_body)

        def listing(self) -> object:
            files = sorted(served.folder.iterdir())
            if "/tree/" in self.path:
                return [self.entry("path", file) | {"type": "file", "oid": "0" * 40} for file in files]
            siblings = [self.entry("rfilename", file) for file in files]
            return {"id": "Systran/faster-whisper-tiny", "sha": COMMIT, "siblings": siblings}

        def entry(self, key: str, file: Path) -> dict[str, object]:
            content = file.read_bytes()
            plain: dict[str, object] = {key: file.name, "size": len(content)}
            if file.name != "model.bin":
                return plain
            digest = "0" * 64 if served.lies else digest_of(content)
            return plain | {"lfs": {"oid": digest, "sha256": digest, "size": len(content), "pointerSize": 134}}

        def send_file(self, name: str, *, with_body: bool) -> None:
            content = (served.folder / name).read_bytes()
            start = 0
            if wanted := self.headers.get("Range"):
                served.ranges.append(wanted)
                start = int(wanted.removeprefix("bytes=").partition("-")[0]) if served.serves_parts else 0
            breaks_off = served.n_breaks > 0 and with_body and name == "model.bin"
            served.n_breaks -= breaks_off
            part = content[start:]
            self.send_response(206 if start else 200)
            self.send_header("ETag", f'"{digest_of(content)}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(part)))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            if with_body:
                self.wfile.write(part[: len(part) // 2] if breaks_off else part)
            self.close_connection = breaks_off

        def send(self, status: int, body: bytes, *, with_body: bool) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield served
    server.shutdown()
    server.server_close()


@pytest.fixture
def options(tmp_path: Path) -> LoadOptions:
    return LoadOptions(tmp_path / "cache", threads=1, beam_size=1, mirror=NOBODY, environment={})


def noise(*, language: str = "hi") -> Request:
    samples = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    return Request(samples, language, max_tokens=5)


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


def test_the_fake_and_http_engines_are_set_by_variables(options: LoadOptions) -> None:
    assert load_recogniser("any", engine="fake", options=options).identity.engine == "fake"
    with pytest.raises(ModelUnavailable, match="the fake engine's variables: invalid literal"):
        load_recogniser("any", engine="fake", options=replace(options, environment={"BOLI_FAKE_DELAY_MS": "x"}))
    with pytest.raises(ModelUnavailable, match="set BOLI_ASR_URL"):
        load_recogniser("qwen3-asr", engine="http", options=options)
    with pytest.raises(ModelUnavailable, match="BOLI_ASR_URL: expected an address"):
        load_recogniser("m", engine="http", options=replace(options, environment={"BOLI_ASR_URL": "nonsense"}))
    remote = load_recogniser("m", engine="http", options=replace(options, environment={"BOLI_ASR_URL": f"{NOBODY}/v1"}))
    assert remote.identity.name == "m"


def test_the_names_are_those_of_faster_whisper() -> None:
    from faster_whisper.utils import _MODELS

    assert {model.name: model.repository for model in KNOWN_MODELS.values()} == _MODELS
