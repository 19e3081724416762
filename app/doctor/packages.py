"""Python packages: there, of a fitting version, and able to do their work."""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version

from app.doctor.faults import Fault

DECODERS = ("aac", "alac", "amrnb", "amrwb", "flac", "gsm", "mp3", "opus", "pcm_s16le", "vorbis", "wmav2")
"""What recordings come in from phones, recorders and archives."""
REINSTALL = "install anew, in the folder of Boli's source: pip install --force-reinstall -e . -c constraints.txt"
TRAIN = (
    "for training and the reference engine: `make test-train`, or `pip install -e '.[train]' -c constraints.txt`, in "
    "the folder of Boli's source (5 GB); drafting needs none of it"
)
LIBRARIES = {
    "alembic": "alembic",
    "dbos": "dbos",
    "fastapi": "fastapi",
    "faster-whisper": None,
    "filelock": "filelock",
    "httpx": "httpx",
    "huggingface-hub": "huggingface_hub",
    "jiwer": "jiwer",
    "numpy": "numpy",
    "obstore": "obstore",
    "onnxruntime": "onnxruntime",
    "platformdirs": "platformdirs",
    "praatio": "praatio.textgrid",
    "psycopg": "psycopg",
    "pydantic-settings": "pydantic_settings",
    "pympi-ling": "pympi",
    "python-multipart": "python_multipart",
    "rapidfuzz": "rapidfuzz",
    "regex": "regex",
    "rich": "rich.console",
    "safetensors": "safetensors",
    "sqlalchemy": "sqlalchemy",
    "sse-starlette": "sse_starlette",
    "tqdm": "tqdm",
    "typer": "typer",
    "uuid-utils": "uuid_utils",
    "uvicorn": "uvicorn",
}
"""What the commands import beside the packages that have a check of their own; None: only its files are used."""


def boli() -> str:
    """Version of Boli."""
    return _version("boli", REINSTALL)


def ctranslate2() -> str:
    """The default engine's library."""
    import ctranslate2 as library

    return f"{library.__version__}, computes on CPU in {', '.join(sorted(library.get_supported_compute_types('cpu')))}"


def gpu() -> str:
    """GPUs that the default engine can use."""
    import ctranslate2 as library

    count = library.get_cuda_device_count()
    if not count:
        raise Fault("none that CTranslate2 can use", "drafting runs on the processor; a CUDA GPU needs NVIDIA's driver")
    return f"{count}, computes in {', '.join(sorted(library.get_supported_compute_types('cuda')))}"


def av() -> str:
    """PyAV and the FFmpeg inside it."""
    import av as library

    return f"PyAV {library.__version__}, FFmpeg {library.ffmpeg_version_info}"


def codecs() -> str:
    """Whether FFmpeg was built with every decoder that recordings need."""
    import av as library

    missing = [name for name in DECODERS if name not in library.codecs_available]
    if missing:
        raise Fault(
            f"no decoder for {', '.join(missing)}",
            "install PyAV from its wheel, which has all of them: pip install --force-reinstall --only-binary :all: av",
        )
    return ", ".join(DECODERS)


def webrtcvad() -> str:
    """The default voice-activity detector, tried on 30 ms of silence."""
    import webrtcvad as library

    if library.Vad(2).is_speech(bytes(960), 16_000):
        raise Fault("calls silence speech", REINSTALL)
    return _version("webrtcvad-wheels", REINSTALL)


def opencc() -> str:
    """Conversion between Chinese scripts, tried on one word."""
    import opencc as library

    if (converted := library.OpenCC("s2t").convert("汉语")) != "漢語":
        raise Fault(f"turns 汉语 into {converted}, expected 漢語", REINSTALL)
    return _version("opencc", REINSTALL)


def tokenizers() -> str:
    """The library that reads a model's vocabulary."""
    import tokenizers as library

    return str(library.__version__)


def libraries() -> str:
    """All other packages that commands import, each imported: one may be there and yet not load."""
    faults = {name: fault for name, module in LIBRARIES.items() if (fault := _fault_of(name, module))}
    if faults:
        raise Fault("; ".join(f"{name}: {fault}" for name, fault in faults.items()), REINSTALL)
    return ", ".join(f"{name} {version(name)}" for name in LIBRARIES)


def _fault_of(distribution: str, module: str | None) -> str | None:
    try:
        version(distribution)
        if module:
            importlib.import_module(module)
    except PackageNotFoundError:
        return "not installed"
    except Exception as error:  # a broken package may raise anything at all
        return f"does not load ({type(error).__name__}: {error})"
    return None


def silero() -> str:
    """The other voice-activity detector."""
    from pipeline.vad import Detector, new_analyser

    new_analyser(Detector.SILERO)
    return f"from faster-whisper {version('faster-whisper')}, onnxruntime {version('onnxruntime')}"


def training() -> str:
    """torch, torchaudio and openai-whisper: a pair of unlike versions of the first two does not import."""
    torch, torchaudio = _version("torch", TRAIN), _version("torchaudio", TRAIN)
    whisper = _version("openai-whisper", TRAIN)
    if torch.split("+")[0].split(".")[:2] != torchaudio.split("+")[0].split(".")[:2]:
        raise Fault(f"torch {torch} beside torchaudio {torchaudio}: they do not fit", TRAIN)
    return f"torch {torch}, torchaudio {torchaudio}, openai-whisper {whisper}"


def _version(distribution: str, remedy: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        raise Fault(f"{distribution} is not installed", remedy) from None
