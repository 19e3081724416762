"""`boli score`: its figures."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest

from pipeline.exporting import FORMATS
from tests.app.score_runs import Write, run, scores, table_of


def test_plain_text_is_scored_line_against_line_at_both_levels(write: Write) -> None:
    ref, hyp = write("ref.txt", "ज़रा पानी दो।\nहाँ\n"), write("hyp.txt", "जरा पानी दे\nहाँ\n")
    found = scores(ref, hyp, "--dialect", "hi")
    rates = {score["level"]: score["tokens"]["rate"] for score in found["scores"]}
    assert rates == {"canonical": 2 / 4, "lenient": 1 / 4}
    assert {score["dialect"] for score in found["scores"]} == {"hi-IN"}
    assert found["scores"][0]["profile"] == "deva-hi/1"


def test_the_table_shows_both_levels_side_by_side_and_why_there_is_no_interval(write: Write) -> None:
    ref, hyp = write("ref.txt", "ज़रा पानी दो\n"), write("hyp.txt", "जरा पानी दो\n")
    result = run(ref, hyp, "--dialect", "hi-IN")
    assert result.exit_code == 0
    heading, row, note, _ = result.stdout.splitlines()
    assert heading.split() == [
        "dialect",
        "group",
        "rate",
        "canonical",
        "lenient",
        "CER",
        "canonical",
        "CER",
        "lenient",
        "tokens",
        "segments",
        "speakers",
    ]
    assert row.split() == ["hi-IN", "WER", "33.3", "%", "0.0", "%", "10.0", "%", "0.0", "%", "3", "1", "unknown"]
    assert note == (
        "hi-IN: no interval: utterances of unknown speakers and recordings; an interval needs at least 10 speakers or "
        "recordings"
    )


def test_a_narrow_terminal_cuts_no_figure_and_a_file_holds_no_colours(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    ref, hyp = table_of(12)
    out = tmp_path / "table.txt"
    assert run(write("ref.tsv", ref), write("hyp.tsv", hyp), "--out", out).exit_code == 0
    text = out.read_text(encoding="utf-8")
    assert text.splitlines()[1].count("27.5 % [15.8, 38.8]") == 2
    assert "\x1b" not in text


def test_every_figure_names_its_profile_and_unicode_version(write: Write) -> None:
    ref = write("r.tsv", "id\ttext\tdialect\n1\tक\thi-IN\n2\tக\tta-IN\n")
    hyp = write("h.tsv", "1\tक\n2\tக\n")
    last = f"profiles deva-hi/1, taml-ta/1; Unicode {unicodedata.unidata_version}"
    assert run(ref, hyp).stdout.splitlines()[-1] == last
    assert last in run(ref, hyp, "--format", "html").stdout
    assert scores(ref, hyp)["unicode"] == unicodedata.unidata_version


def test_ten_speakers_have_an_interval_and_nine_have_none(write: Write) -> None:
    for n_speakers, has_interval in ((9, False), (10, True)):
        ref, hyp = table_of(n_speakers)
        found = scores(write("ref.tsv", ref), write("hyp.tsv", hyp), "--level", "canonical")
        (tokens,) = [score["tokens"] for score in found["scores"]]
        assert tokens["rate"] == sum(range(n_speakers)) / (20 * n_speakers)
        assert (tokens["low"] is not None) is has_interval
        if has_interval:
            assert tokens["low"] < tokens["rate"] < tokens["high"]
            assert tokens["no_interval"] is None
        else:
            assert tokens["no_interval"] == "9 speakers; an interval needs at least 10 speakers or recordings"


def test_chinese_is_scored_in_mixed_tokens_with_characters_beside(write: Write) -> None:
    ref, hyp = write("r.txt", "今天我们用Python写代码\n"), write("h.txt", "今天我们用python写袋码\n")
    (score,) = scores(ref, hyp, "--dialect", "zh-Hans-CN", "--level", "canonical")["scores"]
    assert score["unit"] == "mixed"
    assert (score["tokens"]["n_reference"], score["tokens"]["substitutions"]) == (9, 1)
    assert score["characters"]["n_reference"] == 14


def test_dialects_of_a_column_are_scored_apart_and_averaged_with_a_label(write: Write) -> None:
    ref = write("r.tsv", "id\ttext\tdialect\n1\tपानी दो\thi-IN\n2\tநீர் தா\tta-IN\n3\tநீர் தா\tta\n")
    hyp = write("h.tsv", "1\tपानी\n2\tநீர் தா\n3\tநீர் தா\n")
    found = scores(ref, hyp)
    canonical = {score["dialect"]: score for score in found["scores"] if score["level"] == "canonical"}
    assert {tag: (score["tokens"]["rate"], score["n_segments"]) for tag, score in canonical.items()} == {
        "hi-IN": (0.5, 1),
        "ta-IN": (0.0, 2),
    }
    overall = found["overall"][0]
    assert (overall["rate"], overall["worst_dialect"], overall["gap"]) == (0.25, "hi-IN", 0.5)
    assert overall["aggregation"] == "mean of the dialects' rates"
    assert "canonical: mean over 2 dialects 25.0 %" in run(ref, hyp).stdout


def test_groups_are_summed_not_averaged(write: Write) -> None:
    ref = write("r.tsv", "id\ttext\tgender\tspeaker\n1\tक ख ग घ\tF\ta\n2\tक\tf\tb\n3\tक ख\t\tb\n")
    hyp = write("h.tsv", "1\tक ख ग घ\n2\tख\n3\tक ख\n")
    found = scores(ref, hyp, "--dialect", "hi-IN", "--by", "gender,speaker", "--level", "raw")
    rates = {(score["by"], score["group"]): score["tokens"]["rate"] for score in found["scores"]}
    assert rates == {
        ("dialect", "hi-IN"): 1 / 7,
        ("gender", "f"): 1 / 5,
        ("gender", None): 0.0,
        ("speaker", "a"): 0.0,
        ("speaker", "b"): 1 / 3,
    }


def test_an_empty_reference_has_no_rate_and_its_insertions_count(write: Write) -> None:
    ref, hyp = write("r.txt", "\n[noise]\n"), write("h.txt", "हाँ जी\n\n")
    (score,) = scores(ref, hyp, "--dialect", "hi-IN", "--level", "canonical")["scores"]
    assert (score["tokens"]["rate"], score["tokens"]["insertions"]) == (None, 2)
    assert (score["tokens"]["match_error_rate"], score["hallucinated_segments"]) == (1.0, 1)
    assert score["tokens"]["no_interval"] == "the references are empty"
    assert "no rate" in run(ref, hyp, "--dialect", "hi-IN").stdout
    row = next(csv.DictReader(io.StringIO(run(ref, hyp, "--dialect", "hi-IN", "--format", "csv").stdout)))
    assert row["tokens_rate"] == ""


def test_unmatched_ids_are_listed_and_end_the_command_with_1(write: Write) -> None:
    ref, hyp = write("r.tsv", "u1\tक\nu2\tख\n"), write("h.tsv", "u1\tक\nu3\tग\n")
    result = run(ref, hyp, "--dialect", "hi-IN")
    assert result.exit_code == 1
    assert f"1 id has no hypothesis in {hyp}: u2" in result.stderr
    assert f"1 id has no reference in {ref}: u3" in result.stderr
    assert "hi-IN" in result.stdout
    unmatched = scores(ref, hyp, "--dialect", "hi-IN")["unmatched"]
    assert (unmatched["without_hypothesis"], unmatched["without_reference"]) == (["u2"], ["u3"])


@pytest.mark.parametrize(("policy", "expected"), [("skip", (0, 1)), ("empty", (2, 2))])
def test_unmatched_ids_can_be_left_out_or_scored_against_nothing(
    write: Write, policy: str, expected: tuple[int, int]
) -> None:
    ref, hyp = write("r.tsv", "u1\tक\nu2\tख\n"), write("h.tsv", "u1\tक\nu3\tग\n")
    result = run(ref, hyp, "--dialect", "hi-IN", "--unmatched", policy, "--format", "json", "--level", "raw")
    assert result.exit_code == 0
    assert "u2" in result.stderr
    tokens = json.loads(result.stdout)["scores"][0]["tokens"]
    assert (tokens["deletions"] + tokens["insertions"], tokens["n_reference"]) == expected


def test_many_unmatched_ids_are_counted_and_the_first_named(write: Write) -> None:
    ref, hyp = write("r.tsv", "".join(f"u{n}\tक\n" for n in range(30))), write("h.tsv", "u0\tक\n")
    assert "29 ids have no hypothesis" in run(ref, hyp, "--dialect", "hi-IN").stderr
    assert "u10 and 19 more" in run(ref, hyp, "--dialect", "hi-IN").stderr


def test_metadata_beside_the_transcripts_gives_dialects_and_speakers(write: Write) -> None:
    ref, hyp = write("r.trn", "पानी (a-1)\n"), write("h.trn", "पानी (a-1)\n")
    about = write("m.csv", "id,dialect,speaker\na-1,hi-IN,asha\n")
    (score, _) = scores(ref, hyp, "--metadata", about)["scores"]
    assert (score["dialect"], score["n_speakers"]) == ("hi-IN", 1)


def test_drafts_of_boli_are_scored_against_a_manifest_or_against_timed_utterances(
    repository: Path, tmp_path: Path
) -> None:
    from models.values import Draft, ModelIdentity, Segment, Span, Word
    from pipeline.exporting import Row, Transcript

    reference = json.loads((repository / "demo/recordings/transcripts.jsonl").read_text().splitlines()[0])
    words = [word for utterance in reference["utterances"] for word in utterance["words"]]
    halves = (words[:11], words[11:])
    rows = tuple(
        Row(
            Segment(0, Span(half[0]["start_ms"], half[-1]["end_ms"])),
            Draft(
                " ".join(word["text"] for word in half),
                ModelIdentity("fake", "m", "0"),
                "hi",
                words=tuple(Word(word["text"], Span(word["start_ms"], word["end_ms"])) for word in half),
            ),
        )
        for half in halves
    )
    transcript = Transcript(reference["path"], "hi-IN", 60_000, 1, rows)
    for name in ("jsonl", "ctm"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"hi-kanpur{FORMATS[name].suffix}").write_text(FORMATS[name].render(transcript), encoding="utf-8")
        for side in ("transcripts.jsonl", "manifest.tsv"):
            found = scores(repository / "demo/recordings" / side, folder, "--by", "speaker")
            kept = [score for score in found["scores"] if score["by"] == "dialect"]
            assert {score["tokens"]["rate"] for score in kept} == {0.0}, (name, side)
            assert {score["tokens"]["n_reference"] for score in kept} == {len(words)}
            assert "hi-patna.opus" in str(found["unmatched"]["without_hypothesis"]) or "hi-patna:1" in str(found)


def test_alternatives_and_tags_are_understood(write: Write) -> None:
    ref = write("r.txt", "{ हिंदी / हिन्दी } में { ऑफिस / office } { का / @ } काम [noise]\n")
    hyp = write("h.txt", "हिन्दी में office काम\n")
    (score,) = scores(ref, hyp, "--dialect", "hi-IN", "--level", "canonical")["scores"]
    assert (score["tokens"]["rate"], score["tokens"]["n_reference"]) == (0.0, 4)


@pytest.mark.parametrize("level", ["canonical", "lenient"])
def test_one_level_alone_gives_what_both_together_give(write: Write, level: str) -> None:
    texts = ["ज़रा { हिंदी / हिन्दी / हिंदि }", "संबंध सम्बन्ध", "क़लम - ख़त", "[noise] हँस", "सम्बन्ध"]
    for dialect in ("hi-IN", "ta-IN", "zh-Hans-CN", "yue-Hant-HK"):
        ref = write("r.txt", "\n".join([*texts, "她說〇", "裏面 OK"]) + "\n")
        hyp = write(
            "h.txt", "\n".join([*reversed(texts), "他说零", "裡面 ok"]).replace("{", "").replace("}", "") + "\n"
        )
        both = scores(ref, hyp, "--dialect", dialect)["scores"]
        (alone,) = scores(ref, hyp, "--dialect", dialect, "--level", level)["scores"]
        assert alone in both
