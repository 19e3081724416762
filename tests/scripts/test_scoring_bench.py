"""The scoring bench: its pairs have the errors they claim, and all scorers find the same ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.bench_scoring import main
from scripts.scoring_bench.pairs import keep, load, long_pair, made_pairs
from scripts.scoring_bench.report import BOTH, CANONICAL, COUNTING, JIWER, Figure, Figures, missed_targets


def test_the_same_seed_makes_the_same_pairs_in_five_scripts(tmp_path: Path) -> None:
    pairs = made_pairs(500, seed=7)
    assert pairs == made_pairs(500, seed=7)
    assert pairs != made_pairs(500, seed=8)
    assert {pair.dialect for pair in pairs} == {"hi-IN", "ta-IN", "bn-IN", "ur-IN", "cmn-Hans-CN"}
    keep(pairs, tmp_path / "pairs.jsonl")
    assert load(tmp_path / "pairs.jsonl") == pairs


def test_a_long_pair_has_a_fifth_of_its_words_wrong() -> None:
    pair = long_pair(5_000, seed=1)
    assert len(pair.reference.split()) == 5_000
    assert abs(len(pair.hypothesis.split()) - 5_000) < 200


def test_every_scorer_that_is_there_counts_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "scoring.json"
    main(["--pairs", "200", "--long-words", "300", "--rounds", "1", "--out", str(out)])
    found = json.loads(out.read_text(encoding="utf-8"))
    for load_name in ("utterances", "long"):
        counts = {(row["n_errors"], row["n_ref"]) for row in found[load_name] if "missing" not in row}
        assert len(counts) == 1
        names = {row["scorer"] for row in found[load_name] if "missing" not in row}
        assert {JIWER, COUNTING, CANONICAL, BOTH} <= names
    assert "| jiwer |" in out.with_suffix(".md").read_text(encoding="utf-8")
    assert "scorers count differently" not in capsys.readouterr().out


def test_missed_targets_are_named() -> None:
    def figure(seconds: float, *, peak_mb: float = 100, n_errors: int = 1) -> Figure:
        return Figure((9.0,), (seconds,), peak_mb, n_errors, 10)

    good: dict[str, Figure | str] = {
        JIWER: figure(1),
        "sclite": "not installed",
        COUNTING: figure(0.1),
        CANONICAL: figure(1.9),
        BOTH: figure(2),
    }
    long = good | {CANONICAL: figure(0.4)}
    assert missed_targets(Figures(good, long, 1, 1)) == []
    bad = good | {COUNTING: figure(0.2), CANONICAL: figure(2.1), BOTH: figure(1, peak_mb=1001, n_errors=2)}
    missed = " ".join(missed_targets(Figures(bad, good, 1, 1)))
    for part in ("2.10 x jiwer", "5.0 x as fast", "1001 MB", "words: 1.90 s", "count differently: [(1, 10), (2, 10)]"):
        assert part in missed
