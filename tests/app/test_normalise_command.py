"""`boli normalise`, run as people run it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli


def run(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["normalise", *arguments], input=given)


@pytest.mark.parametrize(
    ("level", "expected"),
    [("raw", "हिन्दी १,२५,०००।"), ("canonical", "हिन्दी 125000"), ("lenient", "हिंदी 125000")],
)
def test_each_level_shows_the_scored_form(level: str, expected: str) -> None:
    result = run(" हिन्दी  १,२५,०००।", "--dialect", "hi-IN", "--level", level)
    assert (result.exit_code, result.stdout) == (0, f"{expected}\n")


def test_tags_are_left_out_and_the_first_alternative_is_taken() -> None:
    assert run("S1: हाँ [noise] { हिंदी / हिन्दी }", "--dialect", "hi-IN").stdout == "हाँ हिंदी\n"


def test_the_explanation_shows_each_rule_with_its_reason_and_the_result() -> None:
    lines = run("अाम।", "--dialect", "hi-IN", "--explain").stdout.splitlines()
    assert lines[0] == "profile deva-hi/1, level canonical, scored in words"
    assert [line.split() for line in lines[1:] if "(" not in line] == [
        ["अाम।"],
        ["vowel-letters", "आम।"],
        ["punctuation", "आम"],
        ["white-space", "आम"],
        ["result", "आम"],
    ]
    assert lines[3].strip() == "(a vowel letter spelled as another one with a sign)"


def test_the_explanation_says_which_tags_and_alternatives_went_and_where_spaces_were() -> None:
    lines = run("S1: { हिंदी / @ }  [noise]  काम", "--dialect", "hi-IN", "--explain").stdout.splitlines()
    assert [line.strip() for line in lines[1:]] == [
        "S1: { हिंदी / @ }  [noise]  काम",
        "alternatives            S1: हिंदी [noise] काम",
        "(of alternatives the first is shown; in scores the nearest counts)",
        "tags                    हिंदी काम",
        "(left out: S1: [noise])",
        "result                  हिंदी काम",
    ]
    lines = run(" हिंदी  काम", "--dialect", "hi-IN", "--explain").stdout.splitlines()
    assert lines[2:4] == [f"  {'white-space':24}हिंदी काम", f"  {'':24}(one space between words)"]


def test_the_explanation_of_several_lines_gives_each_its_result() -> None:
    lines = run("-", "--dialect", "cmn-Hans-CN", "--explain", given="我OK\n他們。\n".encode()).stdout.splitlines()
    assert lines[0] == "profile hans-zh/1, level canonical, scored in mixed tokens"
    assert [line.split(maxsplit=1)[1] for line in lines if line.startswith("  result")] == ["我 ok", "他 们"]


def test_braces_that_do_not_match_are_named_with_their_line() -> None:
    result = run("-", "--dialect", "hi-IN", given="हाँ\nहाँ { जी\n".encode())
    assert (result.exit_code, result.stdout) == (1, "")
    assert "line 2: '{' at character 5" in result.stderr


def test_a_terminal_that_takes_ascii_alone_gets_the_text_all_the_same() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "app", "normalise", "हाँ।", "--dialect", "hi-IN"],
        capture_output=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert finished.stdout.decode() == "हाँ\n"


def test_chinese_is_shown_in_mixed_tokens() -> None:
    assert run("我用Python寫", "--dialect", "cmn-Hans-CN").stdout == "我 用 python 写\n"


def test_standard_input_is_read_for_a_dash_line_by_line() -> None:
    assert run("-", "--dialect", "ta-IN", given="கொடி,\r\n\r\nவீடு".encode()).stdout == "கொடி\n\nவீடு\n"


def test_an_unknown_dialect_is_named_with_its_neighbours() -> None:
    result = run("हाँ", "--dialect", "hi-XX")
    assert result.exit_code == 1
    assert "hi-XX" in result.stderr
    assert "hi-IN" in result.stderr


def test_braces_that_do_not_match_are_named_by_position() -> None:
    result = run("हाँ { जी", "--dialect", "hi-IN")
    assert result.exit_code == 1
    assert "'{' at character 5" in result.stderr


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    result = run("-", "--dialect", "hi-IN", given=b"ok\ncaf\xe9")
    assert result.exit_code == 1
    assert "standard input, line 2: byte 0xe9 is not UTF-8" in result.stderr
    finished = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"app", b"normalise", b"caf\xe9", b"--dialect", b"hi-IN"],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 1
    assert finished.stderr.startswith(b"boli normalise: TEXT, line 1: byte 0xe9 is not UTF-8")
