"""A dialect that nobody has named is chosen by ear, among a few that were allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.transcription.guessing import DialectGuesser, GuessImpossible
from pipeline.asr.fake import FakeRecogniser
from pipeline.asr.loading import LoadOptions, load_recogniser
from pipeline.asr.recogniser import Recogniser
from pipeline.errors import UnknownDialect

RECORDINGS = Path(__file__).resolve().parents[2] / "demo" / "recordings"


@pytest.fixture(scope="module")
def recogniser(tmp_path_factory: pytest.TempPathFactory) -> Recogniser:
    return load_recogniser("demo", options=LoadOptions(tmp_path_factory.mktemp("models"), threads=2))


@pytest.mark.parametrize(
    ("recording", "tag"),
    [("hi-kanpur.opus", "hi-IN"), ("ta-madurai.opus", "ta-IN"), ("cmn-baoding.opus", "cmn-Hans-CN")],
)
def test_the_spoken_dialect_is_chosen(recording: str, tag: str, recogniser: Recogniser) -> None:
    guesser = DialectGuesser.among("ta-IN, hi-IN,cmn-Hans-CN", recogniser)
    dialect = guesser.dialect_of(RECORDINGS / recording)
    assert dialect is not None
    assert dialect.tag == tag


@pytest.mark.parametrize(
    ("tags", "complaint"),
    [
        ("hi-IN", "at least two"),
        ("hi-IN,bho-IN", "no token"),
        ("hi-IN,or-IN", "no token"),
        ("cmn-Hans-CN,cmn-Hans-CN-x-sichuan", "by one token"),
    ],
)
def test_dialects_that_the_model_cannot_tell_apart_are_refused(
    tags: str, complaint: str, recogniser: Recogniser
) -> None:
    with pytest.raises(GuessImpossible, match=complaint):
        DialectGuesser.among(tags, recogniser)


def test_an_unknown_tag_and_an_engine_without_ears_are_refused(recogniser: Recogniser) -> None:
    with pytest.raises(UnknownDialect, match="xx-YY"):
        DialectGuesser.among("hi-IN,xx-YY", recogniser)
    with pytest.raises(GuessImpossible, match="cannot tell languages"):
        DialectGuesser.among("hi-IN,ta-IN", FakeRecogniser())
