"""The reference engine understands the held-out voices as well as the default one."""

from __future__ import annotations

import pytest

from pipeline.asr.loading import LoadOptions, load_recogniser
from tests.heldout import MOST_ERRORS, TAGS, error_rate

pytestmark = [
    pytest.mark.train,
    # openai-whisper leaves its token file to the garbage collector
    pytest.mark.filterwarnings(r"ignore:.*multilingual\.tiktoken:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.mark.parametrize("tag", TAGS)
def test_the_reference_engine_understands_voices_never_heard_in_training(
    tag: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    options = LoadOptions(tmp_path_factory.mktemp("models"), threads=2)
    assert error_rate(load_recogniser("demo", engine="openai-whisper", options=options), tag) <= MOST_ERRORS
