"""`boli compare`, run as people run it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli

Write = Callable[[str, str], Path]
WORDS = [f"क{'ा' * length}" for length in range(20)]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, content: str) -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return written


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["compare", *map(str, arguments)])


def comparisons(*arguments: str | Path) -> Any:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["comparisons"]


def reference(write: Write, *, dialects: tuple[str, ...] = ("hi-IN",), n_speakers: int = 12) -> Path:
    rows = (f"{d}-{n}\t{' '.join(WORDS)}\t{d}-s{n}\t{d}\n" for d in dialects for n in range(n_speakers))
    return write("ref.tsv", "id\ttext\tspeaker\tdialect\n" + "".join(rows))


def hypothesis(write: Write, name: str, wrong: dict[str, list[int]]) -> Path:
    """For each dialect, how many words each speaker has wrong."""
    rows = (
        f"{dialect}-{n}\t{' '.join(['ग'] * n_wrong + WORDS[n_wrong:])}\n"
        for dialect, counts in wrong.items()
        for n, n_wrong in enumerate(counts)
    )
    return write(name, "".join(rows))


def test_a_clear_difference_is_found_with_its_sign_and_interval(write: Write) -> None:
    ref = reference(write)
    a = hypothesis(write, "a.tsv", {"hi-IN": [6, 7, 8] * 4})
    b = hypothesis(write, "b.tsv", {"hi-IN": [2, 2, 3] * 4})
    canonical, lenient = comparisons(ref, a, b)
    tokens = canonical["tokens"]
    assert (tokens["n_errors_a"], tokens["n_errors_b"], tokens["n_reference"]) == (84, 28, 240)
    assert tokens["difference"] == pytest.approx(56 / 240)
    assert 0 < tokens["low"] < tokens["difference"] < tokens["high"]
    assert tokens["p"] < 0.001
    assert tokens["p_corrected"] is None
    assert canonical["mapsswe_segments"] == 12
    assert canonical["wilcoxon_p"] == pytest.approx(2 / 2**12)
    assert (canonical["level"], lenient["level"]) == ("canonical", "lenient")


def test_swapping_the_systems_turns_the_sign(write: Write) -> None:
    ref = reference(write)
    a = hypothesis(write, "a.tsv", {"hi-IN": [6, 1, 8] * 4})
    b = hypothesis(write, "b.tsv", {"hi-IN": [2, 5, 3] * 4})
    forward, backward = (comparisons(ref, *order, "--level", "raw")[0] for order in ((a, b), (b, a)))
    assert forward["tokens"]["difference"] == pytest.approx(-backward["tokens"]["difference"])
    # Blocks are drawn in another order, so these are equal up to chance.
    assert forward["tokens"]["low"] == pytest.approx(-backward["tokens"]["high"], abs=0.01)
    assert forward["tokens"]["p"] == pytest.approx(backward["tokens"]["p"], abs=0.03)
    assert forward["mapsswe_p"] == pytest.approx(backward["mapsswe_p"])


def test_a_system_does_not_differ_from_itself(write: Write) -> None:
    ref = reference(write)
    a = hypothesis(write, "a.tsv", {"hi-IN": [6, 1, 8] * 4})
    (row,) = comparisons(ref, a, a, "--level", "canonical")
    assert (row["tokens"]["difference"], row["mapsswe_p"], row["wilcoxon_p"]) == (0, 1, 1)
    assert row["tokens"]["p"] == 1
    assert row["tokens"]["no_interval"] == "every resample gives the same rate"
    assert "hi-IN: no interval: every resample" in run(ref, a, a).stdout


def test_p_values_are_corrected_where_there_are_several_dialects(write: Write) -> None:
    ref = reference(write, dialects=("hi-IN", "mr-IN", "ne-NP"))
    a = hypothesis(write, "a.tsv", {"hi-IN": [6, 7, 8] * 4, "mr-IN": [3, 4, 2] * 4, "ne-NP": [5, 1, 3] * 4})
    b = hypothesis(write, "b.tsv", {"hi-IN": [2, 2, 3] * 4, "mr-IN": [2, 4, 3] * 4, "ne-NP": [3, 3, 1] * 4})
    rows = comparisons(ref, a, b, "--level", "canonical")
    assert [row["dialect"] for row in rows] == ["hi-IN", "mr-IN", "ne-NP"]
    p_values = [row["tokens"]["p"] for row in rows]
    corrected = [row["tokens"]["p_corrected"] for row in rows]
    assert corrected[0] == pytest.approx(3 * p_values[0])
    assert all(after >= before for before, after in zip(p_values, corrected, strict=True))
    assert run(ref, a, b).stdout.count("p (Holm)") == 1


def test_the_family_of_a_correction_does_not_depend_on_what_comes_out(write: Write) -> None:
    ref = reference(write, dialects=("hi-IN", "mr-IN", "ne-NP"))
    equal = [3, 4, 2] * 4
    a = hypothesis(write, "a.tsv", {"hi-IN": [6, 1, 3, 4] * 3, "mr-IN": equal, "ne-NP": [0] * 12})
    b = hypothesis(write, "b.tsv", {"hi-IN": [3, 1, 4, 2] * 3, "mr-IN": equal, "ne-NP": [0] * 12})
    first, *others = comparisons(ref, a, b, "--level", "canonical")
    assert [row["tokens"]["p"] for row in others] == [1, 1]
    assert 0 < first["tokens"]["p"] < 0.33
    assert first["tokens"]["p_corrected"] == pytest.approx(3 * first["tokens"]["p"])
    assert first["mapsswe_p_corrected"] == pytest.approx(3 * first["mapsswe_p"])
    assert first["wilcoxon_p_corrected"] == pytest.approx(3 * first["wilcoxon_p"])


def test_all_three_tests_are_corrected_in_the_way_that_is_asked_for(write: Write) -> None:
    ref = reference(write, dialects=("hi-IN", "mr-IN"))
    a = hypothesis(write, "a.tsv", {"hi-IN": [6, 7, 8, 2] * 3, "mr-IN": [3, 4, 2, 9] * 3})
    b = hypothesis(write, "b.tsv", {"hi-IN": [4, 7, 5, 3] * 3, "mr-IN": [2, 4, 3, 4] * 3})
    by_holm = comparisons(ref, a, b, "--level", "canonical")
    by_bh = comparisons(ref, a, b, "--level", "canonical", "--correction", "bh")
    for name in ("tokens", "mapsswe_p", "wilcoxon_p"):
        plain, holm, bh = (
            [row[name]["p" + end] if name == "tokens" else row[name + end] for row in rows]
            for rows, end in ((by_holm, ""), (by_holm, "_corrected"), (by_bh, "_corrected"))
        )
        assert min(holm) == pytest.approx(min(1, 2 * min(plain)))
        assert max(bh) == pytest.approx(max(plain))
    assert "p (BH)" in run(ref, a, b, "--correction", "bh").stdout
    assert json.loads(run(ref, a, b, "--correction", "bh", "--format", "json").stdout)["correction"] == "bh"


@pytest.mark.parametrize("swapped", [False, True])
def test_an_utterance_that_one_system_alone_has_counts_where_gaps_are_scored(write: Write, swapped: bool) -> None:
    ref = write("r.tsv", "u1\tक ख\nu2\tग घ\n")
    a, b = write("a.tsv", "u1\tक ख\nextra\tच छ ज\n"), write("b.tsv", "u2\tग घ\nu1\tक ख\n")
    (row,) = comparisons(
        ref, *((b, a) if swapped else (a, b)), "--dialect", "hi-IN", "--level", "canonical", "--unmatched", "empty"
    )
    errors = (row["tokens"]["n_errors_a"], row["tokens"]["n_errors_b"])
    assert row["n_segments"] == 3
    assert errors == ((0, 5) if swapped else (5, 0))


def test_few_speakers_give_a_difference_but_neither_interval_nor_p(write: Write) -> None:
    ref = reference(write, n_speakers=9)
    a, b = (hypothesis(write, f"{n}.tsv", {"hi-IN": [n] * 8 + [4]}) for n in (1, 2))
    (row,) = comparisons(ref, a, b, "--level", "canonical")
    assert row["tokens"]["difference"] == pytest.approx(-8 / 180)
    assert (row["tokens"]["low"], row["tokens"]["p"]) == (None, None)
    assert "hi-IN: no interval and no p: 9 speakers; an interval needs at least 10" in run(ref, a, b).stdout


def test_only_utterances_that_both_have_are_compared_and_the_rest_is_listed(write: Write) -> None:
    ref = write("r.tsv", "u1\tक\nu2\tख\nu3\tग\n")
    a, b = write("a.tsv", "u3\tग\nu1\tक\n"), write("b.tsv", "u1\tच\nu2\tख\nu3\tग\n")
    result = run(ref, a, b, "--dialect", "hi-IN", "--format", "csv")
    assert result.exit_code == 1
    assert f"1 id has no hypothesis in {a}: u2" in result.stderr
    row = next(csv.DictReader(io.StringIO(result.stdout)))
    assert (row["n_segments"], row["tokens_n_errors_a"], row["tokens_n_errors_b"]) == ("2", "0", "1")
    assert run(ref, a, b, "--dialect", "hi-IN", "--unmatched", "skip").exit_code == 0


def test_who_speaks_may_be_known_to_one_hypothesis_alone(write: Write) -> None:
    ref = write("r.tsv", "u1\tक\n")
    a, b = write("a.tsv", "id\ttext\tspeaker\nu1\tक\ts1\n"), write("b.tsv", "u1\tच\n")
    assert comparisons(ref, a, b, "--dialect", "hi-IN")[0]["n_speakers"] == 1


def test_alternatives_that_the_systems_take_differently_leave_mapsswe_and_count_in_the_rates(write: Write) -> None:
    ref = write("r.txt", "{ एक दो / तीन } चार\n")
    a, b = write("a.txt", "एक दो चार\n"), write("b.txt", "तीन पाँच\n")
    (row,) = comparisons(ref, a, b, "--dialect", "hi-IN", "--level", "canonical")
    assert (row["tokens"]["rate_a"], row["tokens"]["rate_b"], row["mapsswe_segments"]) == (0.0, 0.5, 0)


def test_systems_without_a_common_utterance_are_refused(write: Write) -> None:
    ref = write("r.tsv", "u1\tक\nu2\tख\n")
    result = run(ref, write("a.tsv", "u1\tक\n"), write("b.tsv", "u2\tख\n"), "--dialect", "hi-IN")
    assert result.exit_code == 2
    assert "have no utterance in common" in result.stderr
