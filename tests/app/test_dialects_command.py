"""`boli dialects`, run as people run it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Sequence

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from pipeline.dialects import all_dialects, get_dialect


def run(arguments: Sequence[str]) -> Result:
    return CliRunner().invoke(cli, ["dialects", *arguments])


def test_the_table_shows_tag_names_token_and_district() -> None:
    result = run(["Warangal"])
    assert result.exit_code == 0
    heading, first, *_ = result.stdout.splitlines()
    assert heading.split("  ")[0] == "tag"
    for shown in ("te-IN-x-telangan", "Telangana Telugu", "తెలంగాణ తెలుగు", "Telu", " te ", "17 s", "Warangal"):
        assert shown in first


def test_without_a_query_every_variety_is_listed() -> None:
    rows = list(csv.DictReader(io.StringIO(run(["--format", "tsv"]).stdout), delimiter="\t"))
    assert [row["tag"] for row in rows] == [dialect.tag for dialect in all_dialects()]


def test_tsv_has_a_column_for_each_field_and_lists_by_semicolons() -> None:
    (row,) = csv.DictReader(io.StringIO(run(["bho-IN-x-west", "--format", "tsv"]).stdout), delimiter="\t")
    assert row["parent"] == "bho-IN"
    assert row["whisper_token"] == ""
    assert row["nearest_token"] == "hi"
    assert row["is_drafted"] == "yes"
    assert row["regions"].split("; ")[:2] == ["Uttar Pradesh", "Varanasi"]


def test_json_holds_the_values_of_the_catalogue() -> None:
    first, *_ = json.loads(run(["yue-Hant-HK", "--format", "json"]).stdout)
    dialect = get_dialect("yue-Hant-HK")
    assert first["own_name"] == dialect.own_name
    assert first["scripts"] == list(dialect.scripts)
    assert first["longest_segment_ms"] == dialect.longest_segment_ms
    assert first["direction"] == "ltr"
    assert first["is_drafted"] is True


@pytest.mark.parametrize(("query", "shown"), [("or-IN", "none"), ("awa-IN", "by hi"), ("ta-IN-x-kongu", "ta")])
def test_the_table_says_by_which_token_a_variety_is_drafted(query: str, shown: str) -> None:
    heading, row = run([query]).stdout.splitlines()
    assert row[heading.index("draft") :].startswith(shown) or f" {shown} " in row


def test_a_query_that_finds_nothing_names_the_nearest_three_and_ends_with_one() -> None:
    result = run(["Marathhhhhi"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "no dialect 'Marathhhhhi'" in result.stderr
    assert "mr-IN (Marathi)" in result.stderr


def test_an_unknown_format_is_wrong_usage() -> None:
    result = run(["--format", "xml"])
    assert result.exit_code == 2
    assert "xml" in result.stderr


def test_the_console_script_has_the_command_and_its_help_loads_no_table() -> None:
    program = "import sys, app.cli; print('pipeline.dialects' in sys.modules, 'rich.table' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout.split()[0] == "False"
    assert "dialects" in CliRunner().invoke(cli, ["--help"]).stdout
