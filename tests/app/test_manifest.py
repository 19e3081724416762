"""Manifests: every way of writing one is read, every fault is told with its place."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from app.transcription.manifest import ManifestInvalid, read_manifest

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "audio" / "manifest.tsv"
WriteManifest = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteManifest:
    """Writes a manifest beside three recordings."""
    for name in ("a.wav", "b.wav", "deep/c.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"RIFF")

    def write_file(name: str, content: str, *, encoding: str = "utf-8") -> Path:
        (tmp_path / name).write_bytes(content.encode(encoding))
        return tmp_path / name

    return write_file


def faults_of(file: Path) -> list[str]:
    with pytest.raises(ManifestInvalid) as caught:
        read_manifest(file)
    return caught.value.message.split("\n")


@pytest.mark.parametrize(
    ("name", "content", "encoding"),
    [
        ("m.csv", "path,tag,speaker\na.wav,hi-IN,Asha\ndeep/c.wav,ta-IN,\n", "utf-8"),
        ("m.csv", "path;tag;speaker\r\na.wav;hi-IN;Asha\r\ndeep/c.wav;ta-IN;\r\n", "utf-8-sig"),
        ("m.tsv", "path\ttag\tspeaker\na.wav\thi-IN\tAsha\r\n\rdeep/c.wav\tta-IN", "utf-8"),
        ("m.txt", "path\tdialect\tspeaker\na.wav\thi-in\tAsha\ndeep\\c.wav\tTA-in\t\n", "utf-16"),
        ("m.csv", "Path\tTag\tSpeaker\na.wav\thi-IN\tAsha\n\ndeep/c.wav\tta-IN\t\n", "utf-8"),
        (
            "m.jsonl",
            '{"path": "a.wav", "tag": "hi-IN", "speaker": "Asha"}\n\n{"path": "deep/c.wav", "tag": "ta-IN", "a": null}',
            "utf-8-sig",
        ),
    ],
    ids=["csv", "excel-csv", "tsv-mixed-line-ends", "utf-16-text", "tabs-named-csv", "jsonl"],
)
def test_manifests_of_every_kind_say_the_same(write: WriteManifest, name: str, content: str, encoding: str) -> None:
    file = write(name, content, encoding=encoding)
    entries = read_manifest(file)
    assert [entry.path for entry in entries] == [file.parent / "a.wav", file.parent / "deep" / "c.wav"]
    assert [entry.dialect.tag if entry.dialect else None for entry in entries] == ["hi-IN", "ta-IN"]
    assert [dict(entry.metadata) for entry in entries] == [{"speaker": "Asha"}, {}]


def test_tsv_takes_stray_quotes_as_they_are_and_csv_takes_them_as_quoting(write: WriteManifest) -> None:
    tsv = read_manifest(write("m.tsv", 'path\ttag\ttext\na.wav\thi-IN\t"he said\nb.wav\thi-IN\tend"\n'))
    assert [entry.metadata["text"] for entry in tsv] == ['"he said', 'end"']
    csv = read_manifest(write("m.csv", 'path,tag,text\na.wav,hi-IN,"one, ""two""\nthree"\nb.wav,hi-IN,x\n'))
    assert [entry.metadata["text"] for entry in csv] == ['one, "two"\nthree', "x"]
    assert [entry.line for entry in csv] == [2, 4]


def test_an_empty_dialect_is_left_to_the_command_line(write: WriteManifest) -> None:
    assert [entry.dialect for entry in read_manifest(write("m.csv", "path,tag\na.wav,\n"))] == [None]


def test_paths_are_found_in_either_unicode_form(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "café.wav")
    (tmp_path / decomposed).write_bytes(b"RIFF")
    (tmp_path / "m.csv").write_text(f"path,tag\n{unicodedata.normalize('NFC', 'café.wav')},hi-IN\n", encoding="utf-8")
    assert read_manifest(tmp_path / "m.csv")[0].path.name == decomposed


def test_paths_are_looked_for_beside_the_manifest_and_in_the_given_folders(
    write: WriteManifest, tmp_path: Path
) -> None:
    file = write("m.csv", "path,tag\nc.wav,hi-IN\n")
    assert read_manifest(file, folders=[tmp_path / "deep"])[0].path == tmp_path / "deep" / "c.wav"
    assert "no such file; looked in" in faults_of(file)[0]


def test_every_fault_is_told_with_line_column_value_and_what_was_expected(write: WriteManifest) -> None:
    file = write("m.csv", "path,tag\na.wav,hi-IX\nnone.wav,hi-IN\na.wav,hi-IN\n,hi-IN\n")
    faults = faults_of(file)
    assert [fault.split(": ", 2)[1] for fault in faults] == [
        "line 2, column 'tag', value 'hi-IX'",
        "line 3, column 'path', value 'none.wav'",
        "line 4, column 'path', value 'a.wav'",
        "line 5, column 'path', value ''",
    ]
    assert all(fault.startswith(f"{file}: ") for fault in faults)
    assert "hi-IN" in faults[0]
    assert "already on line 2" in faults[2]


def test_the_nearest_three_dialects_are_named(write: WriteManifest) -> None:
    (fault,) = faults_of(write("m.csv", "path,tag\na.wav,Hindee\n"))
    nearest = fault.split("Nearest: ")[1].split("; ")
    assert len(nearest) == 3
    assert "hi-IN (Hindi)" in nearest


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("m.csv", "", "the file is empty"),
        ("m.csv", "path,tag\n", "no recording in it"),
        ("m.csv", "file,tag\na.wav,hi-IN\n", "no column 'path'; its columns are 'file', 'tag'"),
        ("m.csv", "path,path\na.wav,b.wav\n", "column 'path' stands twice"),
        ("m.csv", "path,tag\na.wav,hi-IN,more\n", "line 2: 3 cells under 2 columns"),
        ("m.csv", 'path,tag\na.wav,"hi-IN\n', "line 2: not CSV"),
        ("m.jsonl", '{"path": "a.wav"}\n{"path": \n', "line 2: not JSON"),
        ("m.jsonl", '{"path": "a.wav"}\n[1]\n', "line 2: list; expected one JSON object"),
        ("m.tsv", "path\ttag\n\0\thi-IN\n", "no such file"),
    ],
)
def test_a_broken_table_is_told_with_its_line(write: WriteManifest, name: str, content: str, told: str) -> None:
    assert told in "\n".join(faults_of(write(name, content)))


def test_a_table_in_another_encoding_is_told_with_line_and_byte(write: WriteManifest) -> None:
    assert (
        "line 2: byte 0xe9 is not UTF-8"
        in faults_of(write("m.csv", "path,tag\ncafé.wav,hi-IN\n", encoding="latin-1"))[0]
    )


def test_a_missing_manifest_is_an_error_and_a_hundred_faults_are_cut_short(
    write: WriteManifest, tmp_path: Path
) -> None:
    assert "cannot be read: No such file" in faults_of(tmp_path / "none.csv")[0]
    rows = "".join(json.dumps({"path": f"none{i}.wav", "tag": "hi-IN"}) + "\n" for i in range(100))
    assert faults_of(write("m.jsonl", rows))[-1] == "... and 80 more"


@pytest.mark.needs_recordings
def test_the_manifest_of_the_shared_recordings_is_read_in_full() -> None:
    entries = read_manifest(SHARED)
    assert len(entries) == 94
    assert all(entry.dialect for entry in entries)
    assert {"iso639_3", "dialect", "transcript", "licence"} <= set().union(*(entry.metadata for entry in entries))
