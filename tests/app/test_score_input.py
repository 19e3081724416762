"""`boli score` with input that it cannot score."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.app.score_runs import Write, run


@pytest.mark.parametrize(
    ("ref", "hyp", "options", "message"),
    [
        ("क\nख\n", "क\n", (), "r.txt has 2 lines and"),
        ("क\n", b"\xff\n", (), "h.txt: line 1: byte 1 of the line, 0xff, is not UTF-8"),
        ("", "क\n", (), "r.txt: the file is empty"),
        ("{ क\n", "क\n", (), "r.txt: line 1: '{' at character 1"),
        ("क\n", "क\n", ("--by", "speaker,shoe"), "--by 'shoe': expected speaker, district, gender, recording"),
        ("क\n", "क\n", ("--metadata", "none.tsv"), "none.tsv: cannot be read"),
        ("क\n", "क\n", ("--out", "nowhere/x.json"), "there is no folder nowhere"),
        ("क\n", "क\n", ("--out", "."), "is a folder; expected a file"),
        ("क\n", "क\n", ("--trn", __file__), "test_score_input.py is a file; expected a folder"),
        ("क\n", "क\n", ("--ref-format", "trn"), "r.txt: line 1: has no id"),
    ],
)
def test_bad_input_ends_with_2_and_a_message(
    write: Write, ref: str, hyp: str | bytes, options: Sequence[str], message: str
) -> None:
    result = run(write("r.txt", ref), write("h.txt", hyp), "--dialect", "hi-IN", *options)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_an_unknown_dialect_is_named_with_its_line_and_the_nearest_three(write: Write) -> None:
    ref, hyp = write("r.tsv", "id\ttext\tdialect\nu1\tक\thi-IN\nu2\tक\tbhojpoori\n"), write("h.tsv", "u1\tक\nu2\tक\n")
    result = run(ref, hyp)
    assert result.exit_code == 2
    assert f"{ref}: line 3: the catalogue has no dialect 'bhojpoori'" in result.stderr
    assert "bho-IN" in result.stderr
    assert (
        "--dialect: the catalogue has no dialect 'xx'"
        in run(write("a.txt", "x"), write("b.txt", "x"), "--dialect", "xx").stderr
    )


def test_a_missing_dialect_is_named_with_its_line(write: Write) -> None:
    result = run(write("r.tsv", "u1\tक\n"), write("h.tsv", "u1\tक\n"))
    assert result.exit_code == 2
    assert "r.tsv: line 1: the dialect of 'u1' is not known; give --dialect TAG" in result.stderr


def test_nothing_in_common_is_said_so(write: Write) -> None:
    result = run(write("r.tsv", "u1\tक\n"), write("h.tsv", "v1\tक\n"), "--dialect", "hi-IN")
    assert result.exit_code == 2
    assert "have no id in common (the first are 'u1' and 'v1')" in result.stderr


def test_a_result_that_cannot_be_written_leaves_the_old_one(write: Write, tmp_path: Path) -> None:
    ref, bad = write("r.txt", "क\n"), write("h.txt", "क\nख\n")
    out = write("scores.json", "old")
    assert run(ref, bad, "--dialect", "hi-IN", "--format", "json", "--out", out).exit_code == 2
    assert out.read_text() == "old"
    assert run(ref, ref, "--dialect", "hi-IN", "--format", "json", "--out", out).exit_code == 0
    assert json.loads(out.read_text())["n_segments"] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["h.txt", "r.txt", "scores.json"]


@pytest.mark.parametrize("hindrance", ["hyp.trn is a folder", "the folder is a file", "the folder is below a file"])
def test_several_results_are_all_written_or_none(write: Write, tmp_path: Path, hindrance: str) -> None:
    ref = write("r.txt", "क\n")
    folder, out = tmp_path / "trn", tmp_path / "out" / "scores.json"
    folder.mkdir()
    out.parent.mkdir()
    match hindrance:
        case "hyp.trn is a folder":
            (folder / "hyp.trn").mkdir()
        case "the folder is a file":
            folder = write("file", "old")
        case _:
            folder = write("file", "old") / "below"
    result = run(ref, ref, "--dialect", "hi-IN", "--format", "json", "--out", out, "--trn", folder)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and path.name not in ("r.txt", "file")] == []


def test_a_table_without_utterances_is_said_to_have_none(write: Write) -> None:
    empty, full = write("e.tsv", "id\ttext\n"), write("f.tsv", "u1\tक\n")
    for pair in ((empty, full), (full, empty)):
        result = run(*pair, "--dialect", "hi-IN")
        assert result.exit_code == 2
        assert f"{empty} holds a header and no utterance; expected at least one" in result.stderr
    assert run(full, empty, "--dialect", "hi-IN", "--unmatched", "empty").exit_code == 0


def test_references_that_are_all_marked_as_not_to_be_scored_are_said_to_be_so(write: Write) -> None:
    ref = write("r.stm", "a 1 s 0 1 IGNORE_TIME_SEGMENT_IN_SCORING\n")
    result = run(ref, ref, "--dialect", "hi-IN")
    assert result.exit_code == 2
    assert "is marked as not to be scored" in result.stderr
