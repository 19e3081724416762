"""What the tests of the recognisers share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.asr.checkpoints import read_checkpoint
from pipeline.asr.conversion import Quantization, convert
from pipeline.asr.loading import LoadOptions
from tests.pipeline.asr.http_service import Connect, Serve, connecting, serving
from tests.pipeline.asr.model_hub import NOBODY, Hub, serving_hub


@pytest.fixture
def serve() -> Iterator[Serve]:
    yield from serving()


@pytest.fixture
def connect() -> Iterator[Connect]:
    yield from connecting()


@pytest.fixture(scope="module")
def converted(whisper_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CTranslate2 folder as a hub has it: without our passport."""
    folder = tmp_path_factory.mktemp("converted") / "tiny-random"
    convert(read_checkpoint(whisper_folder), folder, quantization=Quantization.FLOAT16)
    (folder / "boli.json").unlink()
    return folder


@pytest.fixture
def hub(converted: Path) -> Iterator[Hub]:
    yield from serving_hub(converted)


@pytest.fixture
def options(tmp_path: Path) -> LoadOptions:
    return LoadOptions(tmp_path / "cache", threads=1, beam_size=1, mirror=NOBODY)
