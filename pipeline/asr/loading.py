"""Recognisers by name: which engine, which weights, from where."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from models.values import ModelIdentity
from pipeline.asr.conversion import MODEL_FILE, Quantization, is_ctranslate2_folder
from pipeline.asr.fingerprint import REVISION_DIGITS, remembered_sha256
from pipeline.asr.model_store import DEMO_FOLDER, DEMO_NAME, ModelStore, check_files
from pipeline.asr.passport import Passport, read_passport
from pipeline.asr.recogniser import Recogniser
from pipeline.errors import ModelUnavailable
from pipeline.known_models import KNOWN_MODELS


class Engine(StrEnum):
    """What runs a model."""

    CTRANSLATE2 = "ctranslate2"
    OPENAI_WHISPER = "openai-whisper"
    HTTP = "http"
    FAKE = "fake"


class Context(StrEnum):
    """How much silence is encoded after a clip."""

    AUTO = "auto"
    """Little where the model is verified for it, else up to 30 s."""
    SHORT = "short"
    FULL = "full"


class Fetching(StrEnum):
    """What becomes of a published model that is not on this machine."""

    ON_FIRST_USE = "on_first_use"
    NEVER = "never"
    """It is an error that says how to fetch it."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a recogniser runs on this machine, and where weights are kept."""

    cache_folder: Path
    threads: int = 0
    """Processor cores to use; 0 for all that this process may run on."""
    beam_size: int = 5
    batch_size: int = 8
    device: str = "auto"
    """`auto`, `cpu` or `cuda`."""
    compute_type: str = "default"
    """CTranslate2's name for the type to compute in; `default` is int8 on CPU and float16 on GPU."""
    context: Context = Context.AUTO
    mirror: str | None = None
    """Address of a mirror of the model hub."""
    fetching: Fetching = Fetching.ON_FIRST_USE
    service_url: str | None = None
    """For the http engine, up to and with the version: `https://host/v1`."""
    service_key: str | None = field(default=None, repr=False)
    service_proxy: str | None = None
    fake_delay_ms: int = 0
    """For the fake engine: pause for each clip."""
    fake_fail_every: int | None = None
    """For the fake engine: about one clip in so many fails."""


def load_recogniser(model: str, *, engine: str | None = None, options: LoadOptions) -> Recogniser:
    """A recogniser, ready to use.

    model: `demo`; a name such as `small`, fetched on first use; a CTranslate2 or Hugging Face folder; a `.pt` file;
        for `http` what the service calls it; for `fake` anything.
    engine: ctranslate2 where None.
    Raises:
        ModelUnavailable: no such engine, or weights that are not here and cannot be fetched, or do not load.
    """
    try:
        chosen = Engine(engine or Engine.CTRANSLATE2)
    except ValueError:
        names = ", ".join(each.value for each in Engine)
        raise ModelUnavailable(f"no engine {engine!r}, expected one of {names}") from None
    try:
        return _LOADERS[chosen](model, options)
    except OSError as error:
        raise ModelUnavailable(f"{model}: cannot be read ({error.strerror or error})") from error


def ctranslate2_folder(model: str, options: LoadOptions) -> Path:
    """The CTranslate2 folder of a model, which is fetched or converted where need be.

    Raises:
        ModelUnavailable: as in `load_recogniser`.
    """
    store = ModelStore(options.cache_folder)
    source = _local_source(model)
    if source is None:
        stored = store.find(model)
        return stored.folder if stored else _fetched(model, store, options)
    if is_ctranslate2_folder(source):
        return source
    return store.converted(source, quantization=_quantization(options))


def revision_of(folder: Path, passport: Passport) -> str:
    """First 12 hex digits of the sha256 of the weights; of the checkpoint's, where a folder was converted here."""
    return (passport.source_sha256 or remembered_sha256(folder / MODEL_FILE))[:REVISION_DIGITS]


def _local_source(model: str) -> Path | None:
    """The demo model or what a path leads to; None for the name of a model that is stored or to be fetched."""
    if model == DEMO_NAME:
        if not DEMO_FOLDER.is_dir():
            raise ModelUnavailable(
                f"the demo model is not at {DEMO_FOLDER}; it comes with Boli's source, so run from a checkout of it, "
                "or name another model"
            )
        return DEMO_FOLDER
    path = Path(model).expanduser()
    is_name = model in KNOWN_MODELS or (len(path.parts) == 1 and not path.exists())
    if is_name:
        return None
    if not path.exists():
        raise ModelUnavailable(f"{model}: no such file or folder")
    return path


def _fetched(model: str, store: ModelStore, options: LoadOptions) -> Path:
    known = KNOWN_MODELS.get(model)
    if known is None:
        names = [DEMO_NAME, *KNOWN_MODELS, *(stored.name for stored in store)]
        near = difflib.get_close_matches(model, names, n=3, cutoff=0.5)
        hint = f"the nearest are {', '.join(near)}" if near else "`boli models list` shows what there is"
        raise ModelUnavailable(f"no model {model!r}: neither a name nor a folder or file here; {hint}")
    if options.fetching is Fetching.NEVER:
        raise ModelUnavailable(f"{model} is not on this machine; `boli models fetch {model}` brings it here")
    from pipeline.asr.fetching import fetch

    return fetch(known, store, mirror=options.mirror).folder


def _quantization(options: LoadOptions) -> Quantization:
    if options.compute_type != "default":
        for each in (Quantization.INT8, Quantization.FLOAT16):
            if options.compute_type.startswith(each.value):
                return each
        return Quantization.FLOAT32
    return Quantization.FLOAT16 if _device(options) == "cuda" else Quantization.INT8


def _device(options: LoadOptions) -> str:
    if options.device != "auto":
        return options.device
    import ctranslate2

    return "cuda" if ctranslate2.get_cuda_device_count() else "cpu"


def _load_ctranslate2(model: str, options: LoadOptions) -> Recogniser:
    from pipeline.asr.ctranslate2_engine import CTranslate2Options, CTranslate2Recogniser
    from pipeline.asr.windows import ShortContext

    folder = ctranslate2_folder(model, options)
    check_files(folder)
    passport = read_passport(folder)
    is_short = options.context is Context.SHORT or (options.context is Context.AUTO and passport.short_context_verified)
    return CTranslate2Recogniser(
        folder,
        identity=ModelIdentity(
            Engine.CTRANSLATE2.value,
            _name(model, passport),
            revision_of(folder, passport),
            is_for_demo_only=passport.for_demo_only,
        ),
        options=CTranslate2Options(
            device=options.device,
            compute_type=options.compute_type,
            threads=options.threads,
            beam_size=options.beam_size,
            batch_size=options.batch_size,
        ),
        short_context=ShortContext.of(passport) if is_short else None,
    )


def _load_openai_whisper(model: str, options: LoadOptions) -> Recogniser:
    from pipeline.asr.openai_whisper import OpenAIWhisperOptions, OpenAIWhisperRecogniser

    source = _local_source(model) or _openai_file(model, options)
    if is_ctranslate2_folder(source):
        raise ModelUnavailable(
            f"{source}: a CTranslate2 folder; openai-whisper needs a Hugging Face folder or a .pt file"
        )
    folder = source if source.is_dir() else source.parent
    return OpenAIWhisperRecogniser.load(
        source,
        name=_name(model, read_passport(folder)),
        options=OpenAIWhisperOptions(
            beam_size=options.beam_size, device=_device(options), threads=options.threads or None
        ),
    )


def _openai_file(model: str, options: LoadOptions) -> Path:
    """The `.pt` file of a published name, from openai-whisper's own cache or ours; never fetched."""
    places = [options.cache_folder / "openai-whisper", Path.home() / ".cache" / "whisper"]
    for place in places:
        if (place / f"{model}.pt").is_file():
            return place / f"{model}.pt"
    raise ModelUnavailable(
        f"openai-whisper has no {model}.pt in {' or '.join(map(str, places))}; put it there, or name a folder or file"
    )


def _load_http(model: str, options: LoadOptions) -> Recogniser:
    from pipeline.asr.http import URL_VARIABLE, HttpOptions, HttpRecogniser

    if not options.service_url:
        raise ModelUnavailable(
            f"the http engine needs the service's address: set {URL_VARIABLE}, as in https://host/v1"
        )
    service = HttpOptions(options.service_url, api_key=options.service_key, proxy=options.service_proxy)
    try:
        return HttpRecogniser(model, options=service)
    except ValueError as error:
        raise ModelUnavailable(f"{URL_VARIABLE}: {error}") from error


def _load_fake(model: str, options: LoadOptions) -> Recogniser:  # noqa: ARG001 - any name will do
    from pipeline.asr.fake import FakeRecogniser

    return FakeRecogniser(delay_ms=options.fake_delay_ms, fail_every=options.fake_fail_every)


def _name(model: str, passport: Passport) -> str:
    """What a draft calls its model: the name it was asked for by; for a path, its own name or the last part."""
    is_path = model not in KNOWN_MODELS and Path(model).expanduser().exists()
    return (passport.name or Path(model).name) if is_path else model


_LOADERS: Mapping[Engine, Callable[[str, LoadOptions], Recogniser]] = {
    Engine.CTRANSLATE2: _load_ctranslate2,
    Engine.OPENAI_WHISPER: _load_openai_whisper,
    Engine.HTTP: _load_http,
    Engine.FAKE: _load_fake,
}
