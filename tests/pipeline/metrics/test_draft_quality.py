"""Drafts against settled text, and against texts written blind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metrics.alignment import align
from pipeline.metrics.count_table import count
from pipeline.metrics.counts import ErrorCounts
from pipeline.metrics.draft_quality import (
    DraftCounts,
    ScoredText,
    blind_control,
    draft_counts,
    draft_quality,
    n_script_mismatches,
)
from pipeline.metrics.estimates import Interval, NoInterval, NoIntervalReason
from pipeline.text.profiles import Level, get_profile, normalise, tokens_all
from pipeline.text.tokens import characters
from tests.pipeline.metrics.scored_pairs import TOKENS, unhurried


def scored(text: str, profile_name: str = "deva-hi/1") -> ScoredText:
    profile = get_profile(profile_name)
    canonical, lenient = (tokens_all([text], profile, level=level)[0] for level in (Level.CANONICAL, Level.LENIENT))
    raw = normalise(text, profile, level=Level.RAW)
    return ScoredText(raw, tuple(canonical), tuple(lenient), characters("".join(canonical)))


@pytest.mark.parametrize(
    ("draft", "settled", "expected"),
    [
        ("वह घर गया।", "वह घर गया", {"n_untouched": 1, "n_untouched_raw": 0}),
        ("वह घर गया", "वह घर गया", {"n_untouched": 1, "n_untouched_raw": 1}),
        ("धन्यवाद", "", {"n_hallucinated": 1, "n_untouched": 0}),
        ("", "", {"n_hallucinated": 0, "n_untouched": 1, "n_untouched_raw": 1}),
        ("वह वह वह वह घर", "वह घर", {"n_hallucinated": 1}),
        ("office में", "ऑफिस में", {"n_script_mismatches": 1}),
        ("हिंदी", "हिन्दी", {"n_untouched": 0, "n_lenient_errors": 0}),
        ("25 लोग", "पच्चीस लोग", {"n_script_mismatches": 0, "n_number_forms": 1}),
        ("पच्चीस लोग 4", "25 लोग 5", {"n_number_forms": 1}),
    ],
)
def test_what_became_of_one_draft(draft: str, settled: str, expected: dict[str, int]) -> None:
    counts = draft_counts(scored(draft), scored(settled))
    assert {name: getattr(counts, name) for name in expected} == expected
    assert counts.words == count(scored(settled).tokens, scored(draft).tokens)


def test_rates_come_from_sums_over_speakers() -> None:
    texts = [("वह घर गया", "वह घर गया"), ("वह घर", "वह घर गया है"), ("हाँ", ""), ("office गया", "ऑफिस गया")]
    counts = [draft_counts(scored(draft), scored(settled)) for draft, settled in texts]
    found = draft_quality([*counts[:3], counts[3]])
    assert found.n_segments == 4
    assert found.correction_rate.value == pytest.approx((0 + 2 + 1 + 1) / 9)
    assert found.deleted.value == pytest.approx(2 / 9)
    assert found.inserted.value == pytest.approx(1 / 9)
    assert found.substituted.value == found.script_mismatched.value == pytest.approx(1 / 9)
    assert found.spelling_only.value == 0.0
    assert found.untouched.value == found.hallucinated.value == 0.25
    assert found.character_correction_rate.n == sum(count.characters.n_ref for count in counts)
    assert found.correction_rate.interval == NoInterval(NoIntervalReason.FEW_BLOCKS, 3)
    assert found == draft_quality([*counts[1:3], counts[0], counts[3]])


@unhurried
@given(st.lists(st.tuples(TOKENS, TOKENS), min_size=1, max_size=5))
def test_draft_counts_add(pairs: list[tuple[list[str], list[str]]]) -> None:
    counts = [draft_counts(scored(" ".join(draft)), scored(" ".join(settled))) for draft, settled in pairs]
    together = sum(counts, start=DraftCounts())
    assert together == sum(counts)
    assert together.n_segments == len(pairs)
    assert together.words == sum((each.words for each in counts), start=ErrorCounts())
    assert draft_quality([together]).correction_rate.value == draft_quality(counts).correction_rate.value


def test_the_four_kinds_of_error_make_up_the_correction_rate() -> None:
    counts = draft_counts(scored("यह घर में हम"), scored("वह घर गया है हम सब"))
    found = draft_quality([counts])
    parts = [found.substituted.value, found.deleted.value, found.inserted.value]
    assert sum(part for part in parts if part) == pytest.approx(found.correction_rate.value)


def test_the_blind_error_rate_stays_apart_from_the_assisted_one() -> None:
    """Of drafts with 25 % errors, people leave 30 % of the errors standing: 17.5 % seen, 7.5 points unseen."""
    blind = {f"speaker {i}": ErrorCounts(hits=75 - i % 5, substitutions=25 + i % 5) for i in range(20)}
    assisted = {f"speaker {i}": ErrorCounts(hits=825 + i % 7, substitutions=175 - i % 7) for i in range(10, 40)}
    found = blind_control(blind, assisted)
    assert found.blind.value == pytest.approx(0.27)
    assert found.assisted.value == pytest.approx(0.172, abs=0.001)
    assert found.blind.value is not None
    assert found.assisted.value is not None
    gap = found.anchoring_gap
    assert gap.value is not None
    assert gap.value == pytest.approx(found.blind.value - found.assisted.value)
    assert isinstance(gap.interval, Interval)
    assert 0.08 < gap.interval.low < gap.value < gap.interval.high < 0.12
    assert (found.blind.n_blocks, found.assisted.n_blocks, gap.n_blocks) == (20, 30, 20)


def test_no_control_sample_gives_no_gap() -> None:
    found = blind_control({}, {"speaker 1": ErrorCounts(hits=5)})
    assert found.blind.value is found.anchoring_gap.value is None
    assert found.assisted.value == 0.0


def test_tokens_with_a_script_in_common_or_without_letters_are_no_mismatch() -> None:
    assert n_script_mismatches(align(["ऑफिस", "25", "घर"], ["officeमें", "२५", "!"])) == 0
    assert n_script_mismatches(align(["ऑफिस", "我", "a"], ["office", "ओ", "क"])) == 3
