"""The voice-activity bench counts what it says it counts."""

from __future__ import annotations

import pytest

from models.values import Span
from scripts.vad_bench.scores import Counts, score


def test_all_speech_found_and_nothing_else_is_full_recall_without_alarms() -> None:
    truth = [Span(1_000, 2_000), Span(5_000, 5_500)]
    counts = score(truth, truth, duration_ms=10_000)
    assert (counts.recall, counts.false_alarms, counts.precision) == (1.0, 0.0, 1.0)
    assert counts.speech == 150
    assert counts.silence == 1_000 - (130 + 30) - 110


def test_calling_everything_speech_has_full_recall_and_only_false_alarms() -> None:
    counts = score([Span(1_000, 2_000)], [Span(0, 10_000)], duration_ms=10_000)
    assert (counts.recall, counts.false_alarms) == (1.0, 1.0)


def test_within_the_collar_nothing_is_an_alarm_and_beyond_it_everything_is() -> None:
    truth = [Span(1_000, 2_000)]
    assert score(truth, [Span(700, 2_300)], duration_ms=5_000).alarms == 0
    assert score(truth, [Span(700, 2_400)], duration_ms=5_000).alarms == 10
    assert score(truth, [Span(700, 2_300)], duration_ms=5_000, collar_ms=0).alarms == 60


def test_counts_add_and_rates_follow_from_the_sums() -> None:
    total = Counts(100, 50, 200, 20) + Counts(300, 300, 0, 0)
    assert total.recall == pytest.approx(350 / 400)
    assert total.false_alarms == pytest.approx(0.1)
    assert Counts().recall is None
    assert Counts().false_alarms is None
    assert Counts().precision is None
