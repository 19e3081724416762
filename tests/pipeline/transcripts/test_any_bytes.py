"""Whatever a file holds, it is read or refused with its name."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.transcripts import Kind, TranscriptInvalid, match, read_transcripts
from pipeline.transcripts.metadata import with_metadata

SIGNS = ("\t", ",", '"', "\n", "\r", " ", "(", ")", "{", ";;", "\ufeff", "\0", "\ud7ff", "कि", "𠀀", "\u2028", "[" * 50)
WORDS = ("id", "text", "start_ms", "path", "channel", "words", "9" * 400, "9" * 5000, "-1", "nan", "1e999", "NaN")
PHRASES = ("a 1 0 1 ", "a 1 s 0 1 ", "<o,f0>", '{"id": "a", "text": ', '"x"}', "null}", '"utterances": [', "[]")
PIECES = st.sampled_from((*SIGNS, *WORDS, *PHRASES))
CONTENTS = st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=30).map(lambda parts: "".join(parts).encode()))


@pytest.mark.parametrize("kind", list(Kind))
@settings(max_examples=150, deadline=None)
@given(content=CONTENTS)
def test_any_bytes_are_read_or_refused_with_the_name_of_the_file(kind: Kind, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        refusal = ""
        try:
            transcripts = read_transcripts(path, kind=kind)
            matching = match(transcripts, transcripts)
            assert len(matching.pairs) + matching.n_ignored == len(transcripts.utterances)
        except TranscriptInvalid as error:
            refusal = str(error)
        assert not refusal or refusal.startswith(f"{path}: ")


@settings(max_examples=100, deadline=None)
@given(content=CONTENTS)
def test_any_bytes_as_metadata_are_read_or_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("table.tsv", "table.csv"):
            path = Path(folder) / name
            path.write_bytes(content)
            texts = Path(folder) / "text"
            texts.write_text("a b\n", encoding="utf-8")
            refusal = ""
            try:
                with_metadata(read_transcripts(texts), path)
            except TranscriptInvalid as error:
                refusal = str(error)
            assert not refusal or refusal.startswith(f"{path}: ")
