"""Totals agree with jiwer, kaldialign and NIST sclite, in five scripts."""

from __future__ import annotations

import re
import time
from pathlib import Path

import jiwer
import kaldialign
import pytest

from pipeline.metrics.count_table import count_all
from pipeline.metrics.counts import ErrorCounts
from pipeline.metrics.jiwer_output import SeparatorInToken, counts_of, process_tokens
from tests.pipeline.metrics.scored_pairs import ALPHABETS, Sctk, generated_pairs

N_PAIRS = 500
SCRIPTS = sorted(ALPHABETS)


@pytest.mark.parametrize("script", SCRIPTS)
def test_all_four_counts_equal_jiwers(script: str) -> None:
    references, hypotheses = generated_pairs(script, n_pairs=N_PAIRS, seed=11)
    output = process_tokens(references, hypotheses)
    ours = count_all(references, hypotheses).total()
    assert ours == counts_of(output)
    assert (ours.rate, ours.match_error_rate) == (output.wer, output.mer)
    assert ours.word_information_preserved == pytest.approx(output.wip)
    assert ours.word_information_lost == pytest.approx(output.wil)


@pytest.mark.parametrize("script", SCRIPTS)
def test_character_counts_equal_jiwers(script: str) -> None:
    references, hypotheses = generated_pairs(script, n_pairs=N_PAIRS, seed=12)
    wanted, found = ["".join(tokens) for tokens in references], ["".join(tokens) for tokens in hypotheses]
    output = jiwer.process_characters(wanted, found)
    ours = count_all(wanted, found).total()
    assert (ours.hits, ours.substitutions, ours.deletions, ours.insertions) == (
        output.hits,
        output.substitutions,
        output.deletions,
        output.insertions,
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_errors_equal_kaldialigns_pair_by_pair(script: str) -> None:
    references, hypotheses = generated_pairs(script, n_pairs=N_PAIRS, seed=13)
    for reference, hypothesis, ours in zip(references, hypotheses, count_all(references, hypotheses), strict=True):
        theirs = kaldialign.edit_distance(reference, hypothesis)
        assert (ours.n_errors, ours.n_ref) == (theirs["total"], theirs["ref_len"])


@pytest.mark.parametrize("script", SCRIPTS)
def test_errors_equal_sclites_pair_by_pair(script: str, sctk: Sctk, tmp_path: Path) -> None:
    references, hypotheses = generated_pairs(script, n_pairs=N_PAIRS, seed=14)
    for name, texts in (("ref", references), ("hyp", hypotheses)):
        lines = [f"{' '.join(tokens)} (spk_{i:05})\n" for i, tokens in enumerate(texts)]
        (tmp_path / f"{name}.trn").write_text("".join(lines), encoding="utf-8")
    theirs = scored_by_sclite(sctk)
    ours = enumerate(count_all(references, hypotheses))
    assert theirs == {i: (counts.n_errors, counts.n_ref) for i, counts in ours}


def scored_by_sclite(sctk: Sctk) -> dict[int, tuple[int, int]]:
    """Errors and reference words of each pair. `-s` keeps the case: without it a and A are the same word to sclite."""
    names = ["-r", "ref.trn", "trn", "-h", "hyp.trn", "trn", "-i", "rm"]
    report = sctk.run("sclite", *names, "-s", "-e", "utf-8", "-o", "pralign", "stdout")
    scores: dict[int, tuple[int, int]] = {}
    for found in re.findall(
        r"^id: \(spk_(\d+)\)\nScores: \(#C #S #D #I\) (\d+) (\d+) (\d+) (\d+)", report, re.MULTILINE
    ):
        i, hits, substitutions, deletions, insertions = map(int, found)
        scores[i] = (substitutions + deletions + insertions, hits + substitutions + deletions)
    return scores


def test_jiwer_gets_tokens_as_they_were_cut() -> None:
    output = process_tokens([["नई दिल्ली", "में"], []], [["नई दिल्ली", "में"], ["x"]])
    assert counts_of(output) == ErrorCounts(hits=2, insertions=1)
    assert jiwer.process_words(["नई दिल्ली में"], ["नई दिल्ली में"]).hits == 3


def test_a_token_with_the_separator_is_refused() -> None:
    with pytest.raises(SeparatorInToken, match=r"'a\\x1fb'"):
        process_tokens([["a\x1fb"]], [["a"]])


def test_counting_tokens_is_six_times_faster_than_jiwer() -> None:
    references, hypotheses = generated_pairs("Deva", n_pairs=5_000, seed=15)
    wanted, found = [" ".join(tokens) for tokens in references], [" ".join(tokens) for tokens in hypotheses]
    seconds: dict[str, list[float]] = {"jiwer": [], "boli": []}
    for _ in range(5):
        started = time.process_time()
        output = jiwer.process_words(wanted, found)
        between = time.process_time()
        table = count_all(references, hypotheses)
        seconds["boli"].append(time.process_time() - between)
        seconds["jiwer"].append(between - started)
    assert table.total() == counts_of(output)
    assert min(seconds["jiwer"]) > 6 * min(seconds["boli"])
