"""Every transcript format is read into the same values; what is wrong is named by file and line."""

from __future__ import annotations

import codecs
import json
import os
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from models.values import Draft, ModelIdentity, Segment, Span, Word
from pipeline.exporting import FORMATS, Row, Transcript
from pipeline.transcripts import About, Kind, TranscriptInvalid, read_transcripts

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def texts(path: Path, kind: Kind | None = None) -> dict[str, str]:
    return {utterance.id: utterance.text for utterance in read_transcripts(path, kind=kind).utterances}


def fault(path: Path, kind: Kind | None = None) -> str:
    with pytest.raises(TranscriptInvalid) as raised:
        read_transcripts(path, kind=kind)
    return str(raised.value).removeprefix(f"{path.parent}/")


def test_plain_text_counts_lines_from_one_and_keeps_empty_ones(write: Write) -> None:
    assert texts(write("a.txt", "पानी दो\n\nहाँ\n")) == {"1": "पानी दो", "2": "", "3": "हाँ"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind_part_lines(write: Write, end: str) -> None:
    assert texts(write("a.txt", f"एक{end}दो{end}तीन")) == {"1": "एक", "2": "दो", "3": "तीन"}


def test_line_ends_may_be_mixed_in_one_file(write: Write) -> None:
    path = write("a.txt", "one\r\ntwo\nthree\rfour\r\n")
    assert list(texts(path).values()) == ["one", "two", "three", "four"]


def test_a_unicode_line_separator_does_not_part_lines(write: Write) -> None:
    assert texts(write("a.txt", "one\u2028two\x0bthree\n")) == {"1": "one\u2028two\x0bthree"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_first_id(write: Write, encoding: str) -> None:
    assert texts(write("a.tsv", "u1\tपानी\r\nu2\tहाँ\r\n".encode(encoding))) == {"u1": "पानी", "u2": "हाँ"}


def test_a_table_without_a_header_has_id_and_text(write: Write) -> None:
    assert texts(write("a.tsv", 'u1\the said "no\n\nu2\t\n')) == {"u1": 'he said "no', "u2": ""}


def test_a_header_names_columns_in_any_order_and_under_known_names(write: Write) -> None:
    path = write(
        "a.tsv", "Transcript\tdistrict\tsex\tSpeaker_ID\tutterance_id\tlocale\nहाँ\tPatna\tFemale\ts1\tu1\thi-IN\n"
    )
    (utterance,) = read_transcripts(path).utterances
    assert (utterance.id, utterance.text, utterance.line) == ("u1", "हाँ", 2)
    assert utterance.about == About("s1", "Patna", "female", "hi-IN")


def test_an_id_is_the_recording_where_a_table_has_no_other(write: Write) -> None:
    (utterance,) = read_transcripts(write("a.tsv", "path\ttranscript\ncalls/a.wav\thello\n")).utterances
    assert (utterance.id, utterance.recording) == ("calls/a.wav", "calls/a.wav")


@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_has_quotes_and_either_separator(write: Write, separator: str) -> None:
    assert texts(write("a.csv", f'id{separator}text\nu1{separator}"a{separator} ""b"""\n')) == {
        "u1": f'a{separator} "b"'
    }


def test_csv_names_the_line_of_a_quote_that_is_not_closed(write: Write) -> None:
    assert "line 3: not CSV" in fault(write("a.csv", 'id,text\nu1,x\nu2,"y\n'))


def test_json_lines_take_ids_or_recordings_with_times(write: Write) -> None:
    records = [
        {"id": "u1", "text": "हाँ", "speaker": "s1"},
        {"recording": "a.wav", "start_ms": 1200, "end_ms": 2000, "text": None, "channel": 1},
    ]
    path = write("a.jsonl", "\n".join(map(json.dumps, records)))
    first, second = read_transcripts(path).utterances
    assert (first.id, first.text, first.about.speaker) == ("u1", "हाँ", "s1")
    assert (second.id, second.text, second.span) == ("a:2:1200", "", Span(1200, 2000))


def test_json_lines_may_hold_the_utterances_of_a_recording_in_one_object(write: Write) -> None:
    parts = [{"start_ms": 0, "end_ms": 900, "text": "एक"}, {"start_ms": 1000, "end_ms": 1500, "text": "दो"}]
    path = write("a.jsonl", json.dumps({"path": "a.opus", "dialect": "hi-IN", "utterances": parts}))
    utterances = read_transcripts(path).utterances
    assert [utterance.id for utterance in utterances] == ["a:1:0", "a:1:1000"]
    assert {utterance.about.dialect for utterance in utterances} == {"hi-IN"}


def transcript() -> Transcript:
    words = (Word("एक", Span(100, 400), 0.5), Word("दो", Span(400, 900)))
    draft = Draft("एक दो", ModelIdentity("fake", "m", "0"), "hi", words=words)
    return Transcript("calls/a.wav", "hi-IN", 2000, 1, (Row(Segment(0, Span(100, 900)), draft),))


@pytest.mark.parametrize("name", ["jsonl", "tsv"])
def test_what_boli_writes_is_read_with_the_same_id(tmp_path: Path, name: str) -> None:
    path = tmp_path / "calls" / f"a{FORMATS[name].suffix}"
    path.parent.mkdir()
    path.write_text(FORMATS[name].render(transcript()), encoding="utf-8")
    assert texts(tmp_path) == {"calls/a:1:100": "एक दो"}


def test_what_boli_writes_as_ctm_is_one_utterance_with_timed_words(write: Write) -> None:
    (utterance,) = read_transcripts(write("a.ctm", FORMATS["ctm"].render(transcript()))).utterances
    assert (utterance.id, utterance.text) == ("calls/a:1", "एक दो")
    assert utterance.words == (Word("एक", Span(100, 400)), Word("दो", Span(400, 900)))


def test_ctm_words_are_put_in_order_of_time_by_recording_and_channel(write: Write) -> None:
    path = write("a.ctm", ";; a comment\na 1 1.0 0.5 two\nb 1 0.0 0.5 else\na 1 0.20 0.00 one 0.9\na 2 0 1 other\n")
    assert texts(path) == {"a:1": "one two", "b:1": "else", "a:2": "other"}


def test_stm_gives_speaker_gender_times_and_what_is_not_scored(write: Write) -> None:
    path = write(
        "a.stm",
        ';; CATEGORY "0" "" ""\n'
        "a 1 spk1 0.50 1.25 <o,f0,female> namaste  ji\n"
        "a 1 spk1 2 3\n"
        "a 1 spk1 3 4 <o> IGNORE_TIME_SEGMENT_IN_SCORING\n"
        "a 1 inter_segment_gap 4 5 <o>\n",
    )
    first, second, *ignored = read_transcripts(path).utterances
    assert (first.id, first.text, first.span) == ("a:1:500", "namaste  ji", Span(500, 1250))
    assert (first.about.speaker, first.about.gender) == ("spk1", "female")
    assert (second.text, second.is_scored) == ("", True)
    assert [utterance.is_scored for utterance in ignored] == [False, False]


def test_trn_has_the_id_in_the_last_parentheses(write: Write) -> None:
    path = write("a.trn", ";; x\nकल (शायद) आना (spk-1)\n(spk-2)\n{ a / @ } b (spk-3)\n")
    assert texts(path) == {"spk-1": "कल (शायद) आना", "spk-2": "", "spk-3": "{ a / @ } b"}


def test_a_kaldi_folder_brings_its_speakers_and_genders(write: Write, tmp_path: Path) -> None:
    write("text", "s1-u1 नमस्ते जी\ns2-u1\n")
    write("utt2spk", "s1-u1 s1\ns2-u1 s2\n")
    write("spk2gender", "s1 f\n")
    first, second = read_transcripts(tmp_path).utterances
    assert (first.id, first.text, first.about) == ("s1-u1", "नमस्ते जी", About(speaker="s1", gender="female"))
    assert (second.text, second.about) == ("", About(speaker="s2"))


def test_any_file_can_be_read_as_a_named_format(write: Write) -> None:
    assert texts(write("hyp.txt", "u1 हाँ जी\n"), Kind.KALDI) == {"u1": "हाँ जी"}


def test_a_folder_tells_lines_of_its_files_apart(write: Write, tmp_path: Path) -> None:
    write("b/one.txt", "x\ny\n")
    write("a.txt", "z\n")
    write(".hidden.txt", "no\n")
    write("summary.json", "{}")
    assert texts(tmp_path) == {"a:1": "z", "b/one:1": "x", "b/one:2": "y"}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", "", "the file is empty; expected at least one utterance"),
        ("a.tsv", "\n\n", "holds only empty lines"),
        ("a.txt", b"good\nb\xe4d\n", "line 2: byte 2 of the line, 0xe4, is not UTF-8; save the file as UTF-8"),
        ("a.txt", b"good\rold\rb\xe4d\r", "line 3: byte 2 of the line, 0xe4, is not UTF-8"),
        ("a.txt", "u1 x\n".encode("utf-16-le"), "line 1: holds a zero byte"),
        ("a.tsv", "u1\tx\nu2\ty\tz\n", "line 2: 3 cells; expected two"),
        ("a.tsv", "u1\tx\n \ty\n", "line 2: has no id"),
        ("a.tsv", "id\ttext\ttext\nu1\tx\ty\n", "column 'text' stands twice"),
        ("a.tsv", "id\ttext\nu1\tx\ty\n", "line 2: 3 cells under 2 columns"),
        ("a.tsv", "path\tstart_ms\ttext\na\t1.5\tx\n", "line 2: '1.5' is no time; expected whole milliseconds"),
        ("a.tsv", "path\tstart_ms\tend_ms\ttext\na\t9\t5\tx\n", "line 2: ends at 5 ms, before it starts at 9 ms"),
        ("a.tsv", "path\tstart_ms\tchannel\ttext\na\t9\tleft\tx\n", "line 2: channel 'left'; expected a number from 0"),
        ("a.jsonl", '{"id": "u1", "text": "x"}\n{"id"', "line 2: not JSON"),
        ("a.jsonl", "[1]\n", "line 1: list; expected one JSON object a line"),
        ("a.jsonl", '{"id": "u1"}\n', "line 1: has no text; expected one of the keys text, transcript"),
        ("a.jsonl", '{"id": "u1", "text": ["x"]}\n', 'line 1: text is ["x"]; expected a string or null'),
        ("a.jsonl", '{"path": "a", "utterances": 3}\n', "line 1: utterances is no list of objects"),
        ("a.ctm", "a 1 0.0 x y\n", "line 1: 'x' is no time; expected seconds"),
        ("a.ctm", "a 1 0.0 1\n", "line 1: 4 fields; expected"),
        ("a.ctm", "a 1 * * <ALT_BEGIN>\n", "line 1: <ALT_BEGIN>: alternatives in CTM are not read"),
        ("a.stm", "a 1 s 0\n", "line 1: 4 fields; expected"),
        ("a.stm", "a 1 s 3 2 x\n", "line 1: ends at 2000 ms, before it starts at 3000 ms"),
        ("a.stm", "a 1 s nan 2 x\n", "line 1: 'nan' is no time"),
        ("a.trn", "no id here\n", "line 1: has no id; expected the words and then the id in parentheses"),
        ("a.tsv", "uid\ttext\na\tयह\n", "line 1: 'text' is the name of a column, but 'uid', 'text' is no whole header"),
        ("a.tsv", "ID\twords\na\tयह\n", "line 1: 'id' is the name of a column"),
        ("a.csv", "name,speaker,text\na,s1,x\n", "line 1: 'speaker', 'text' are names of columns"),
        ("a.txt", "u1 x\n".encode("utf-32"), "is in UTF-32; save the file as UTF-8"),
        ("a.txt", codecs.BOM_UTF32_BE + "x\n".encode("utf-32-be"), "is in UTF-32; save the file as UTF-8"),
        ("a.txt", "one\r\nt\0wo\n".encode("utf-16"), "line 2: holds a zero byte"),
        ("a.docx", "x", "the name does not tell its format; expected an ending of .txt"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(
    write: Write, name: str, content: str | bytes, expected: str
) -> None:
    message = fault(write(name, content))
    assert message.startswith(f"{name}: {expected}"), message


def test_a_repeated_id_is_named_with_both_places(write: Write) -> None:
    path = write("a.tsv", "u1\tx\nu2\ty\nu1\tz\n")
    assert fault(path) == f"a.tsv: line 3: the id 'u1' stands already in {path}: line 1; expected each id once"


def test_ids_that_differ_only_in_unicode_form_are_one(write: Write) -> None:
    assert "stands already" in fault(write("a.tsv", "caf\u00e9\tx\ncafe\u0301\ty\n"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "cannot be read: No such file or directory" in fault(tmp_path / "none.tsv")
    assert "there is no such file" in fault(tmp_path / "none")


def test_a_folder_with_two_formats_asks_which(write: Write, tmp_path: Path) -> None:
    write("a.jsonl", '{"id": "u1", "text": "x"}\n')
    write("a.trn", "y (u1)\n")
    with pytest.raises(TranscriptInvalid, match="holds transcripts as jsonl, trn; name the format that is meant"):
        read_transcripts(tmp_path)
    assert texts(tmp_path, Kind.TRN) == {"u1": "y"}


def test_a_folder_without_transcripts_is_named(tmp_path: Path) -> None:
    with pytest.raises(TranscriptInvalid, match="holds no transcript file"):
        read_transcripts(tmp_path)


def test_a_file_that_is_one_endless_line_is_refused(write: Write) -> None:
    assert fault(write("a.txt", "पानी " * 400_000)) == (
        "a.txt: line 1: 2,000,000 characters in one utterance; expected at most 1,500,000: cut the text into "
        "utterances, one a line"
    )
    assert fault(write("a.trn", "a " * 33_000_000)) == (
        "a.trn: line 1: more than 64 MB in one line; expected an utterance a line"
    )


def test_a_line_that_never_ends_is_refused_before_it_is_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.write(b"x\rlong")
        file.truncate(700_000_000)
    tracemalloc.start()
    try:
        assert fault(path) == "a.txt: line 2: more than 64 MB in one line; expected an utterance a line"
        assert tracemalloc.get_traced_memory()[1] < 350_000_000
    finally:
        tracemalloc.stop()


def test_a_long_file_of_the_old_macintosh_keeps_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"".join(b"%07d %s\r" % (number, b"x" * 1_000_000) for number in range(70)) + b"end\r\nlast")
    utterances = read_transcripts(path).utterances
    assert [utterance.text[:7] for utterance in utterances] == [
        *(f"{number:07d}" for number in range(70)),
        "end",
        "last",
    ]
    assert [utterance.line for utterance in utterances] == list(range(1, 73))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_pipe_is_read_as_a_file_is(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.tsv"
    os.mkfifo(path)
    writing = threading.Thread(target=path.write_bytes, args=("u1\tपानी\nu2\tहाँ\n".encode(encoding),))
    writing.start()
    assert texts(path) == {"u1": "पानी", "u2": "हाँ"}
    writing.join(timeout=10)


@pytest.mark.parametrize("name", ["key", "utt", "uttid", "wav", "file", "audio", "UTT_ID"])
def test_ids_have_the_names_that_other_tools_give_them(write: Write, name: str) -> None:
    assert texts(write("a.tsv", f"{name}\ttext\na\tयह\n")) == {"a": "यह"}


def test_a_single_word_that_is_a_column_elsewhere_is_a_text(write: Write) -> None:
    assert texts(write("a.tsv", "u1\tstart\nu2\tend\n")) == {"u1": "start", "u2": "end"}


def test_a_tag_is_the_dialect_where_another_column_describes_it(write: Write) -> None:
    path = write("a.tsv", "path\ttag\tdialect\ttranscript\na.wav\tbho-IN\tBhojpuri of Arrah\tहाँ\n")
    assert read_transcripts(path).utterances[0].about.dialect == "bho-IN"


def test_speakers_who_begin_at_once_have_ids_of_their_own(write: Write) -> None:
    path = write("a.stm", "r 1 A 0 10 यह घर\nr 1 B 0 3 हाँ\nr 1 B 0 4 जी\nr 1 B 12 13 ठीक\n")
    assert texts(path) == {"r:1:0:A": "यह घर", "r:1:0:B:3000": "हाँ", "r:1:0:B:4000": "जी", "r:1:12000": "ठीक"}


@pytest.mark.parametrize("name", ["utt2spk", "spk2gender"])
def test_a_kaldi_folder_that_says_two_things_of_one_id_is_refused(write: Write, tmp_path: Path, name: str) -> None:
    write("text", "u1 नमस्ते\n")
    write("utt2spk", "u1 s1\nu1 s1\n")
    write("spk2gender", "s1 f\n")
    assert len(read_transcripts(tmp_path).utterances) == 1
    path = write(name, "x one\nx one\nx two\n")
    with pytest.raises(TranscriptInvalid, match=f"{path}: line 3: 'x' is 'two', but 'one' in a line before"):
        read_transcripts(tmp_path)
