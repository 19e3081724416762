"""Agreement of people on transcripts and on labels."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metrics.agreement import (
    Disagreement,
    DoubleTranscript,
    ExactMatches,
    agreement,
    disagreement,
    exact_matches,
)
from pipeline.metrics.draft_quality import ScoredText
from pipeline.metrics.estimates import Interval, NoInterval, NoIntervalReason
from pipeline.metrics.label_agreement import cohen_kappa, nominal_alpha
from pipeline.metrics.proportions import Proportion
from tests.pipeline.metrics.scored_pairs import TOKENS, disturbed, generated_pairs, lexicon, unhurried


@unhurried
@given(TOKENS, TOKENS)
def test_disagreement_is_the_same_whoever_comes_first(a: list[str], b: list[str]) -> None:
    there, back = disagreement(a, b), disagreement(b, a)
    assert there.rate == back.rate
    assert there.rate is None or 0 <= there.rate <= 2
    assert disagreement(a, a).n_edits == 0


def test_the_error_rate_of_one_against_the_other_is_not_symmetric() -> None:
    assert disagreement(["a", "b", "c", "d"], ["a", "b"]).rate == pytest.approx(2 * 2 / 6)
    assert disagreement([], ["a"]).rate == 2.0
    assert disagreement([], []).rate is None
    assert sum([Disagreement(1, 2, 3), Disagreement(1, 1, 1)]) == Disagreement(2, 3, 4)


def test_exact_matches_tell_spelling_from_hearing() -> None:
    written = ScoredText("हिन्दी।", ("हिन्दी",), ("हिंदी",), "हिन्दी")
    bare = ScoredText("हिन्दी", ("हिन्दी",), ("हिंदी",), "हिन्दी")
    spelled = ScoredText("हिंदी", ("हिंदी",), ("हिंदी",), "हिंदी")
    other = ScoredText("बिंदी", ("बिंदी",), ("बिंदी",), "बिंदी")
    found = sum(exact_matches(written, each) for each in (written, bare, spelled, other))
    assert found == ExactMatches(Proportion(1, 4), Proportion(2, 4), Proportion(3, 4))


def doubled(*, n_segments: int, seed: int) -> list[DoubleTranscript]:
    references, _ = generated_pairs("Deva", n_pairs=n_segments, seed=seed)
    rng = random.Random(seed)
    words = lexicon("Deva", random.Random(seed), n_words=800)
    return [
        DoubleTranscript(tuple(text), tuple(disturbed(text, words, rng)), f"speaker {i % 20}")
        for i, text in enumerate(references)
    ]


def test_alpha_is_one_for_equal_texts_and_near_zero_for_strangers() -> None:
    pairs = doubled(n_segments=120, seed=1)
    same = agreement([DoubleTranscript(pair.a, pair.a, pair.block) for pair in pairs])
    assert same.alpha == 1.0
    assert same.interval == NoInterval(NoIntervalReason.NO_SPREAD, 20)
    order = [*range(1, 120), 0]
    mixed = agreement([DoubleTranscript(pair.a, pairs[i].b, pair.block) for pair, i in zip(pairs, order, strict=True)])
    assert mixed.alpha == pytest.approx(0.0, abs=0.06)


def test_alpha_lies_in_its_interval_and_observed_disagreement_is_shown_beside_it() -> None:
    pairs = doubled(n_segments=120, seed=2)
    found = agreement(pairs)
    total = sum((disagreement(pair.a, pair.b) for pair in pairs), start=Disagreement())
    assert found.observed.value == total.rate
    assert found.expected is not None
    assert found.alpha == pytest.approx(1 - (total.rate or 0) / found.expected)
    assert found.alpha is not None
    assert isinstance(found.interval, Interval)
    assert found.interval.low < found.alpha < found.interval.high < 1
    assert found == agreement(pairs)


def test_chance_pairs_of_many_segments_are_drawn_and_agree_with_all_pairs() -> None:
    pairs = doubled(n_segments=400, seed=3)
    few = agreement(pairs[:140])
    many = agreement(pairs)
    assert few.expected is not None
    assert many.expected == pytest.approx(few.expected, rel=0.03)


def test_chance_never_pairs_a_segment_with_itself() -> None:
    """Every segment has a word of its own, so that different segments disagree fully: also where pairs are drawn."""
    for n_segments in (20, 300):
        pairs = [DoubleTranscript((f"w{i}",), (f"w{i}",), f"speaker {i}") for i in range(n_segments)]
        assert agreement(pairs).expected == 1.0


def test_one_segment_has_no_chance_to_compare_with() -> None:
    found = agreement([DoubleTranscript(("a",), ("b",), "speaker 1")])
    assert found.expected is found.alpha is None
    assert found.observed.value == 1.0
    assert agreement([]).alpha is None


def test_nominal_alpha_has_krippendorffs_published_values() -> None:
    """Computing Krippendorff's Alpha-Reliability, 2011: examples A (two people, binary) and C (four, with gaps)."""
    first, second = "0100000010", "1110010000"
    assert nominal_alpha(list(zip(first, second, strict=True))) == pytest.approx(0.095, abs=5e-4)
    rows = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    units = [[label for label in column if label != "."] for column in zip(*rows, strict=True)]
    assert nominal_alpha(units) == pytest.approx(0.743, abs=5e-4)


def test_kappa_has_the_value_of_a_worked_example() -> None:
    """20 yes and 15 no by both, 5 and 10 apart: observed 0.7, by chance 0.5."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert cohen_kappa(pairs) == pytest.approx(0.4)


@unhurried
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=20))
def test_label_agreement_is_symmetric_and_at_most_one(pairs: list[tuple[str, str]]) -> None:
    for measure in (cohen_kappa, nominal_alpha):
        there, back = measure(pairs), measure([(b, a) for a, b in pairs])
        assert there == pytest.approx(back)
        assert there is None or there <= 1


def test_one_label_alone_says_nothing_of_agreement() -> None:
    assert nominal_alpha([("a", "a")] * 5) is cohen_kappa([("a", "a")] * 5) is None
    assert nominal_alpha([("a",), ()]) is cohen_kappa([]) is None
