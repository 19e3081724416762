"""MAPSSWE, signed ranks, signs and corrections against worked examples, tables and NIST sc_stats."""

from __future__ import annotations

import math
import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.metrics.alignment import align
from pipeline.metrics.corrections import benjamini_hochberg, holm
from pipeline.metrics.matched_pairs import (
    DifferentReferences,
    SegmentErrors,
    all_error_segments,
    error_segments,
    matched_pairs_test,
)
from pipeline.metrics.rank_tests import MOST_EXACT, sign_test, signed_rank_test
from tests.pipeline.metrics.scored_pairs import TOKENS, Sctk, unhurried


def segments_of(reference: str, a: str, b: str) -> list[SegmentErrors]:
    return error_segments(align(reference.split(), a.split()), align(reference.split(), b.split()))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("1 2 3 4 5 6", "1 2 3 4 5 6", []),
        ("x 2 3 4 5 6", "1 2 3 4 5 6", [(1, 0)]),
        ("x 2 3 4 5 y", "1 2 3 4 5 6", [(1, 0), (1, 0)]),
        ("x 2 y 4 5 6", "1 2 3 4 5 6", [(2, 0)]),
        ("x 2 3 y 5 6", "1 2 3 4 5 6", [(1, 0), (1, 0)]),
        ("x 2 3 4 5 6", "1 2 y 4 5 6", [(1, 1)]),
        ("x 2 3 4 5 6", "1 2 3 y 5 6", [(1, 0), (0, 1)]),
        ("1 2 3 + 4 5 6", "1 2 3 4 5 6", [(1, 0)]),
        ("1 2 + 3 4 + 5 6", "1 2 3 4 5 6", [(1, 0), (1, 0)]),
        ("1 + 2 + 3 4 5 6", "1 2 3 4 5 6", [(2, 0)]),
        ("", "1 2 3 4 5 6 7", [(6, 1)]),
    ],
)
def test_segments_are_parted_by_two_words_right_in_both(a: str, b: str, expected: list[tuple[int, int]]) -> None:
    assert segments_of("1 2 3 4 5 6", a, b) == [SegmentErrors(*errors) for errors in expected]


@unhurried
@given(TOKENS, TOKENS, TOKENS)
def test_segments_hold_every_error_once(reference: list[str], a: list[str], b: list[str]) -> None:
    first, second = align(reference, a), align(reference, b)
    segments = error_segments(first, second)
    assert sum(segment.a for segment in segments) == first.counts.n_errors
    assert sum(segment.b for segment in segments) == second.counts.n_errors
    assert segments == [SegmentErrors(other.b, other.a) for other in error_segments(second, first)]


def test_alignments_with_different_references_are_refused() -> None:
    with pytest.raises(DifferentReferences, match="'a' and 'b'"):
        error_segments(align(["a"], []), align(["b"], []))


def test_the_statistic_is_that_of_a_worked_example() -> None:
    """Z = 1, 1, 0, -1, 2, 1: mean 2/3, variance 16/15, W = (2/3) / sqrt(16/15 / 6) = 1.5811, p = 0.1138."""
    segments = [SegmentErrors(*errors) for errors in [(1, 0), (2, 1), (1, 1), (0, 1), (2, 0), (1, 0)]]
    found = matched_pairs_test(segments)
    assert found.n_segments == 6
    assert found.mean_difference == pytest.approx(2 / 3)
    assert found.statistic == pytest.approx(math.sqrt(2.5))
    assert found.p_value == pytest.approx(0.113846, abs=1e-6)
    assert not found.is_trustworthy


def test_nothing_to_compare_is_no_difference_or_none() -> None:
    assert matched_pairs_test([]).p_value == 1.0
    assert matched_pairs_test([SegmentErrors(1, 1)] * 60).p_value == 1.0
    assert matched_pairs_test([SegmentErrors(1, 0)] * 60).p_value is None


def system_output(references: list[list[str]], rng: np.random.Generator, *, rate: float) -> list[list[str]]:
    """Hypotheses with that share of substitutions, deletions and insertions, each wrong word unlike any other."""
    return [
        [
            token
            for word in reference
            for token in ([word], [f"e{rng.integers(10**9)}"], [], [word, f"e{rng.integers(10**9)}"])[
                rng.choice(4, p=[1 - rate, rate / 2, rate / 4, rate / 4])
            ]
        ]
        for reference in references
    ]


@pytest.mark.parametrize("seed", [6, 7, 8])
def test_segments_errors_and_p_value_equal_those_of_sc_stats(seed: int, sctk: Sctk, tmp_path: Path) -> None:
    """Every reference word is different, so that both programs align alike; sc_stats cuts W to two decimals."""
    rng = np.random.default_rng(seed)
    references = [[f"w{i}x{j}" for j in range(12)] for i in range(120)]
    systems = {"a": system_output(references, rng, rate=0.16), "b": system_output(references, rng, rate=0.13)}
    for name, texts in (("ref", references), *systems.items()):
        lines = [f"{' '.join(tokens)} (s{i // 10}_{i:05})\n" for i, tokens in enumerate(texts)]
        (tmp_path / f"{name}.trn").write_text("".join(lines), encoding="utf-8")
    aligned = [
        sctk.run("sclite", "-r", "ref.trn", "trn", "-h", f"{name}.trn", "trn", "-i", "rm", "-o", "sgml", "stdout")
        for name in systems
    ]
    sctk.run("sc_stats", "-p", "-t", "mapsswe", "-v", "-n", "long", given="".join(aligned))
    sctk.run("sc_stats", "-p", "-t", "mapsswe", "-u", "-n", "short", given="".join(aligned))
    names = ("long.stats.mapsswe", "short.stats.unified")
    report, table = ((tmp_path / name).read_text(encoding="latin-1") for name in names)
    segments = all_error_segments(
        (align(reference, a), align(reference, b))
        for reference, a, b in zip(references, systems["a"], systems["b"], strict=True)
    )
    ours = matched_pairs_test(segments)
    assert ours.p_value is not None
    assert re.findall(r"Number of Segments (\d+)", report) == [str(ours.n_segments)]
    assert re.findall(r"^Totals +\d+ +(\d+) +(\d+)", report, re.MULTILINE) == [
        (str(sum(segment.a for segment in segments)), str(sum(segment.b for segment in segments)))
    ]
    (theirs,) = re.findall(r"MP .*?<?(\d\.\d{3})", table)
    assert float(theirs) == pytest.approx(ours.p_value, abs=0.008)


@pytest.mark.parametrize(
    ("n", "critical"),
    [(6, 0), (7, 2), (8, 3), (9, 5), (10, 8), (12, 13), (15, 25), (17, 34), (20, 52), (25, 89), (30, 137), (50, 434)],
)
def test_signed_ranks_have_the_critical_values_of_the_tables(n: int, critical: int) -> None:
    """Two-sided 5 %: the largest rank sum that is still significant, as in Wilcoxon & Wilcox 1964."""
    found = [signed_rank_test(differences_with_rank_sum(n, value)) for value in (critical, critical + 1)]
    assert [test.statistic for test in found] == [critical, critical + 1]
    assert found[0].p_value <= 0.05 < found[1].p_value


def differences_with_rank_sum(n: int, negative: int) -> list[int]:
    """1 to n in size; the negative ones add up to `negative`."""
    differences = list(range(1, n + 1))
    for rank in range(n, 0, -1):
        if rank <= negative:
            negative -= rank
            differences[rank - 1] = -rank
    return differences


def test_small_signed_ranks_are_counted_by_hand() -> None:
    """Of 64 choices of signs, 5 have a negative sum of at most 3: none, 1, 2, 3, 1 + 2."""
    assert signed_rank_test([-1, -2, 3, 4, 5, 6]).p_value == 10 / 64
    assert signed_rank_test([1, 2, 3, 4, 5]).p_value == 2 / 32


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-4, 4), max_size=9))
def test_signed_ranks_with_ties_equal_all_choices_of_signs(differences: list[int]) -> None:
    sizes = sorted(abs(value) for value in differences if value)
    ranks = [sum(i for i, other in enumerate(sizes, 1) if other == size) / sizes.count(size) for size in sizes]
    found = signed_rank_test(differences)
    sums = [
        sum(r for r, sign in zip(ranks, signs, strict=True) if sign) for signs in product((0, 1), repeat=len(ranks))
    ]
    n_as_small = sum(min(value, sum(ranks) - value) <= found.statistic for value in sums)
    assert found.p_value == pytest.approx(n_as_small / len(sums))
    assert found == signed_rank_test([-value for value in differences])


@pytest.mark.parametrize("smaller", [500, 650, 800])
def test_the_normal_approximation_is_close_to_the_exact_distribution(smaller: int) -> None:
    n = MOST_EXACT + 10
    ways = np.array([1.0])
    for rank in range(1, n + 1):
        ways = np.concatenate([ways, np.zeros(rank)]) + np.concatenate([np.zeros(rank), ways])
    found = signed_rank_test(differences_with_rank_sum(n, smaller))
    assert not found.is_exact
    assert found.p_value == pytest.approx(2 * ways[: smaller + 1].sum() / 2**n, abs=0.006)


def test_the_normal_p_value_is_that_of_a_worked_example_with_ties() -> None:
    """60 differences of size 1, 40 positive: the variance with ties is 60 * 30.5^2 / 4, z = -305 / 118.12..."""
    found = signed_rank_test([1.0] * 40 + [-1.0] * 20)
    z = (20 * 30.5 - 60 * 61 / 4) / math.sqrt(60 * 30.5**2 / 4)
    assert found.statistic == 610.0
    assert found.p_value == pytest.approx(math.erfc(-z / math.sqrt(2)))


@pytest.mark.parametrize(
    ("n_more", "n_less", "p_value"), [(8, 2, 0.109375), (9, 1, 0.021484375), (5, 5, 1.0), (0, 0, 1.0)]
)
def test_signs_have_binomial_p_values(n_more: int, n_less: int, p_value: float) -> None:
    found = sign_test([0.5] * n_more + [-0.5] * n_less + [0.0] * 3)
    assert found.n == n_more + n_less
    assert found.p_value == p_value


def test_holm_and_benjamini_hochberg_give_the_textbook_values() -> None:
    p_values = {"hi": 0.01, "ta": 0.04, "bn": 0.03, "zh": 0.005}
    assert holm(p_values) == pytest.approx({"hi": 0.03, "ta": 0.06, "bn": 0.06, "zh": 0.02})
    assert benjamini_hochberg(p_values) == pytest.approx({"hi": 0.02, "ta": 0.04, "bn": 0.04, "zh": 0.02})
    assert list(holm(p_values)) == list(p_values)


def test_benjamini_and_hochbergs_own_example_keeps_four_findings_and_holm_three() -> None:
    """Benjamini & Hochberg 1995, section 3.2: 15 p-values of a trial of thrombolysis."""
    published = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    p_values = dict(enumerate(published))
    assert [k for k, p in benjamini_hochberg(p_values).items() if p <= 0.05] == [0, 1, 2, 3]
    assert [k for k, p in holm(p_values).items() if p <= 0.05] == [0, 1, 2]


@unhurried
@given(st.dictionaries(st.integers(), st.floats(0, 1), max_size=12))
def test_corrections_never_lower_a_p_value_nor_leave_the_unit_interval(p_values: dict[int, float]) -> None:
    strict, mild = holm(p_values), benjamini_hochberg(p_values)
    for key, p in p_values.items():
        assert p <= mild[key] * (1 + 1e-12)
        assert mild[key] <= strict[key] * (1 + 1e-12)
        assert strict[key] <= 1


def test_what_is_no_p_value_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'hi': 1\.5"):
        holm({"hi": 1.5})
