"""`boli score`: its report, and its figures in other formats and programs."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path

import pytest

from app.scoring.style import STYLE
from pipeline.metrics.resampling import Resampling
from tests.app.score_runs import SCLITE, Write, run, scores, table_of


class Page(HTMLParser):
    """What an HTML page holds, by tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "!doctype"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_is_one_file_with_coloured_alignments_and_confusions(write: Write, tmp_path: Path) -> None:
    ref = write("r.tsv", "id\ttext\tdialect\nu1\tپانی دو نا\tur-IN\nu2\tپانی دو\tur-IN\nu3\tٹھیک\tur-IN\n")
    hyp = write("h.tsv", "u1\tپانی دے\nu2\tپانی دے اب\nu3\tٹھیک\n")
    out = tmp_path / "report.html"
    assert run(ref, hyp, "--format", "html", "--out", out).exit_code == 0
    html = out.read_text(encoding="utf-8")
    page = Page(html)
    assert page.open == []
    assert not [tag for tag, attributes in page.tags if tag in ("script", "link", "img") or "src" in attributes]
    alignments = [attributes for tag, attributes in page.tags if attributes.get("class") == "alignment"]
    assert alignments == [{"class": "alignment", "lang": "ur-IN", "dir": "rtl"}] * 2
    kinds = [attributes["class"] for tag, attributes in page.tags if tag == "span" and "title" in attributes]
    assert sorted(filter(None, kinds)) == ["deletion", "insertion", "substitution", "substitution"]
    assert re.search(r'<td lang="ur-IN" dir="rtl">دو</td><td lang="ur-IN" dir="rtl">دے</td><td class="n">2</td>', html)
    assert "2 of 2 segments with errors" in page.text


def test_text_from_files_cannot_become_markup(write: Write) -> None:
    evil = "<script>alert(1)</script><b>&amp;"
    ref = write(
        "r.tsv",
        f"id\ttext\tspeaker\tdistrict\tdialect\n{evil}1\t{evil}\t{evil}\t{evil}\thi-IN\n{evil}2\tx\t\t\thi-IN\n",
    )
    hyp = write("h.tsv", f"{evil}1\t{evil} {evil}\n{evil}3\tx\n")
    result = run(ref, hyp, "--format", "html", "--by", "district", "--level", "raw")
    assert result.exit_code == 1
    page = Page(result.stdout)
    assert not {tag for tag, _ in page.tags} & {"script", "b"}
    assert evil in page.text


def test_csv_cells_cannot_become_formulas(write: Write) -> None:
    ref = write("r.tsv", "id\ttext\tdistrict\nu1\tक\t=cmd|' /C calc'!A0\n")
    hyp = write("h.tsv", "u1\tक\n")
    result = run(ref, hyp, "--dialect", "hi-IN", "--by", "district", "--format", "csv")
    groups = [row["group"] for row in csv.DictReader(io.StringIO(result.stdout))]
    assert groups == ["hi-IN", "hi-IN", "'=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"]


def test_half_characters_from_json_are_scored_and_written(write: Write) -> None:
    ref, hyp = (
        write("r.jsonl", '{"id": "\\ud800", "text": "\\ud800 क"}\n'),
        write("h.jsonl", '{"id": "\\ud800", "text": "ख"}\n'),
    )
    for name in ("table", "json", "csv", "html"):
        result = run(ref, hyp, "--dialect", "hi-IN", "--format", name, "--by", "recording")
        assert result.exit_code == 0, result.output


@pytest.mark.skipif(SCLITE is None, reason="NIST sclite is not installed (Debian package sctk)")
def test_sclite_counts_the_same_errors_in_the_exported_tokens(write: Write, tmp_path: Path) -> None:
    odd = "M^{ME} } a{b (c) /d @ <e> *f ;;g don't {"
    texts = [odd, f"पानी दो {odd}", "今天Python", "{x/y} z", ""]
    ref = write(
        "r.jsonl",
        "".join(
            json.dumps({"id": f"(a b){n}", "text": text.replace("{", "").replace("}", "")}) + "\n"
            for n, text in enumerate(texts)
        ),
    )
    hyp = write(
        "h.jsonl",
        "".join(json.dumps({"id": f"(a b){n}", "text": text}) + "\n" for n, text in enumerate(reversed(texts))),
    )
    (score,) = scores(ref, hyp, "--dialect", "hi-IN", "--level", "raw", "--trn", tmp_path / "trn")["scores"]
    command = [
        str(SCLITE),
        *["-r", "ref.trn", "trn", "-h", "hyp.trn", "trn", "-i", "spu_id", "-s", "-o", "rsum", "stdout"],
    ]
    result = subprocess.run(command, cwd=tmp_path / "trn", capture_output=True, text=True, check=True, timeout=60)
    (line,) = (line for line in result.stdout.splitlines() if "| Sum " in line)
    cells = line.replace("|", " ").split()
    tokens = score["tokens"]
    n_errors = tokens["substitutions"] + tokens["deletions"] + tokens["insertions"]
    assert (int(cells[2]), int(cells[7])) == (tokens["n_reference"], n_errors)


def test_ids_that_are_alike_in_trn_stay_apart(write: Write, tmp_path: Path) -> None:
    ref = write("r.tsv", "a b\tक\na_b\tख\n")
    assert run(ref, ref, "--dialect", "hi-IN", "--trn", tmp_path / "t").exit_code == 0
    assert (tmp_path / "t" / "ref.trn").read_text(encoding="utf-8") == "क (a_b)\nख (a_b_2)\n"


def test_json_says_what_made_it(write: Write) -> None:
    ref = write("r.txt", "क\n")
    report = scores(ref, ref, "--dialect", "hi-IN")
    assert report["boli"] == version("boli")
    assert report["resampling"] == {"n_replicates": 10_000, "seed": Resampling().seed, "level": 0.95}


@pytest.mark.parametrize("name", ["html", "json", "table"])
def test_a_pipe_that_takes_ascii_alone_gets_the_report_as_utf_8(write: Write, name: str) -> None:
    ref = write("क.txt", "क\n")
    command = [sys.executable, "-m", "app", "score", str(ref), str(write("h.txt", "ख\n")), "--dialect", "hi-IN"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = subprocess.run(
        [*command, "--format", name, "--by", "recording"], capture_output=True, check=True, timeout=60, env=environment
    )
    assert name == "table" or "क.txt" in result.stdout.decode()


def test_groups_without_an_interval_say_why_in_table_and_page(write: Write) -> None:
    references, hypotheses = table_of(12)
    ref, hyp = write("r.tsv", references), write("h.tsv", hypotheses)
    line = "hi-IN, speaker s0, speaker s1, speaker s10, speaker s11, speaker s2 and 7 more: no interval: 1 speaker; an"
    for name in ("table", "html"):
        assert line in run(ref, hyp, "--by", "speaker", "--format", name).stdout


def test_a_long_id_or_word_scrolls_by_itself_and_not_the_page(write: Write) -> None:
    ref, hyp = write("r.tsv", f"{'u' * 400}\t{'क' * 400}\n"), write("h.tsv", f"{'u' * 400}\tख\n")
    page = run(ref, hyp, "--dialect", "hi-IN", "--format", "html").stdout
    assert page.count('<div class="wide"><table>') == page.count("<table>") == 2
    assert re.search(r"li p {[^}]*overflow-wrap: anywhere", page)


@pytest.mark.parametrize(("scheme", "background"), [("light", "#ffffff"), ("dark", "#121212")])
def test_quiet_text_has_the_contrast_of_wcag_aa(scheme: str, background: str) -> None:
    light, dark = re.findall(r"--quiet: (#[0-9a-f]{6})", STYLE)
    assert "GrayText" not in STYLE
    lighter, darker = sorted(map(luminance, (light if scheme == "light" else dark, background)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Relative luminance. Source: WCAG 2.2."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
