"""Manifests of recordings to be sent: each cell is judged, and every fault is told at once."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import AppError, Invalid
from app.manifests.checking import Manifest, check_manifest, require_sound
from app.manifests.columns import facts_of
from app.manifests.facts import COLUMNS, Facts


def checked(content: str | bytes, name: str = "m.csv") -> Manifest:
    return check_manifest(name, content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.csv", "path,tag,speaker,due_at\na.wav,hi-IN,s1,2026-12-31\n"),
        ("m.tsv", "path\tdialect\tspeaker\tdue_at\na.wav\tHindi\ts1\t2026-12-31T23:59:59Z\n"),
        ("m.jsonl", '{"path": "a.wav", "tag": "हिन्दी", "speaker": "s1", "due_at": "2026-12-31"}'),
    ],
)
def test_every_kind_of_table_gives_the_same_facts(name: str, content: str) -> None:
    (row,) = checked(content, name).rows
    due_at = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert row.facts == Facts(dialect="hi-IN", speaker="s1", due_at=due_at)
    assert row.written == "a.wav"


def test_what_is_unknown_stays_unknown() -> None:
    (row,) = checked("path,gender,age_band,district,dialect\na.wav,unknown,-,,?\n").rows
    assert row.facts == Facts()
    assert row.facts.to_json() == {}


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("dialect", "hi-IX", "Nearest: hi-IN"), ("country", "India", "two letters"), ("gender", "x", "female, male"),
        ("age_band", "old", "31-45"), ("age_band", "45-31", "31-45"), ("first_language", "Klingonish", "Nearest"),
        ("priority", "0", "from 1"), ("priority", "1.5", "from 1"), ("priority", "٣", "from 1"),
        ("due_at", "soon", "2026-12-31"), ("due_at", "2026-12-31T10:00", "time zone"), ("due_at", "2026-02-30", "day"),
        ("due_at", "0001-01-01T00:00+14:00", "day"), ("speaker", "a\u0007b", "U+0007"),
        ("district", "a\u202eb", "U+202E"), ("device", "x" * 201, "at most 200"),
    ],
)  # fmt: skip
def test_a_cell_is_told_with_line_column_value_and_what_was_expected(column: str, value: str, expected: str) -> None:
    _, (fault,) = facts_of({column: value}, 7)
    assert (fault.line, fault.column, fault.value) == (7, column, value)
    assert expected in fault.expected


@pytest.mark.parametrize(
    ("column", "value", "known"),
    [
        ("gender", "F", "female"), ("gender", "男", "male"), ("age_band", "31–45", "31-45"), ("age_band", "60+", "60+"),
        ("country", "cn", "CN"), ("first_language", "fr", "fr"), ("first_language", "sat-Olck-IN", "sat-Olck-IN"),
        ("priority", "5", 5), ("consent_reference", " c-1 ", "c-1"),
    ],
)  # fmt: skip
def test_a_cell_is_kept_in_one_way_of_writing(column: str, value: str, known: object) -> None:
    facts, faults = facts_of({column: value})
    assert faults == []
    assert getattr(facts, column) == known or column == "first_language"


def test_all_faults_are_told_in_order_and_counted() -> None:
    rows = "".join(f"a{number}.wav,xx,Q\n" for number in range(30))
    manifest = checked(f"path,tag,gender\n{rows}")
    assert len(manifest.faults) == 60
    with pytest.raises(Invalid) as caught:
        require_sound("m.csv", manifest)
    lines = caught.value.message.split("\n")
    assert lines[0].startswith("m.csv: line 2, column 'tag', value 'xx': ")
    assert len(lines) == 21
    assert lines[-1] == "... and 40 more"


def test_what_contradicts_an_earlier_line_is_a_fault() -> None:
    manifest = checked(
        "path,speaker,gender,client_reference\na.wav,s1,f,r1\n./a.wav,s2,m,r2\nb.wav,s1,m,r1\nc.wav,s1,,\n"
    )
    told = [str(fault) for fault in manifest.faults]
    assert told == [
        "line 3, column 'path', value './a.wav': already on line 2; expected each file once",
        "line 4, column 'client_reference', value 'r1': already on line 2; expected each once",
        "line 4, column 'gender', value 'male': expected 'female', as line 2 says of speaker 's1'",
    ]
    assert [row.written for row in manifest.rows] == ["a.wav", "c.wav"]


def test_two_columns_for_one_fact_may_not_differ() -> None:
    facts, faults = facts_of({"transcript": "a", "draft": "b"})
    assert (facts.transcript, [fault.column for fault in faults]) == ("a", ["draft"])
    assert facts_of({"transcript": "a", "draft": "a"})[1] == []


def test_columns_that_nobody_reads_are_named() -> None:
    assert checked("path,tag,mood,duration_s\na.wav,hi-IN,glad,3\n").unused_columns == ["mood", "duration_s"]


@pytest.mark.parametrize("content", ["", "tag\nhi-IN\n", "path,tag\n", "path\n\xff".encode("latin-1"), b"\xff\xfe\x00"])
def test_what_is_no_manifest_is_told(content: str | bytes) -> None:
    with pytest.raises(Invalid, match=r"expected|UTF-8"):
        checked(content)


def test_a_number_of_thousands_of_digits_in_json_is_told() -> None:
    with pytest.raises(Invalid, match="line 1: not JSON"):
        checked('{"path": ' + "9" * 5000 + "}", "m.jsonl")


CELL = st.text(max_size=30) | st.sampled_from(["hi-IN", "2026-12-31", "5", "f", "31-45", "IN", "a.wav"])
NAMES = st.sampled_from(["path", "tag", "draft", *COLUMNS])
JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | CELL, st.lists, max_leaves=5)


@settings(deadline=None)
@given(content=st.binary(max_size=300), name=st.sampled_from(["m.csv", "m.tsv", "m.jsonl", ""]))
def test_any_bytes_are_a_manifest_or_are_refused_in_words(content: bytes, name: str) -> None:
    with suppress(AppError):
        assert all(row.written for row in check_manifest(name, content).rows)


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(st.dictionaries(NAMES, JSON), min_size=1, max_size=5))
def test_whatever_is_taken_can_be_kept_and_read_again(rows: list[dict[str, object]]) -> None:
    content = "\n".join(json.dumps(row) for row in rows)
    try:
        manifest = checked(content, "m.jsonl")
    except AppError:
        return
    lines = {row.line for row in manifest.rows} | {fault.line for fault in manifest.faults}
    assert lines == set(range(1, len(rows) + 1))
    for row in manifest.rows:
        kept = json.loads(json.dumps(row.facts.to_json(), ensure_ascii=False).encode("utf-8"))
        assert Facts.from_json(kept) == row.facts
        assert facts_of(row.cells)[0] == row.facts
