"""Progress: shares, speed and time left add up, on a terminal and elsewhere."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from app.transcription.progress import Reading, Tally, clock_time, shown


def test_share_speed_and_time_left_follow_from_what_was_done() -> None:
    reading = Reading(n_recordings=4, n_settled=1, audio_ms=60_000, share=0.25, elapsed_s=10.0)
    assert reading.speed == pytest.approx(6.0)
    assert reading.left_s == pytest.approx(30.0)
    assert str(reading) == "1 of 4 recordings, 25%, 1:00 of audio, 6.0 x real time, 0:30 left"


def test_nothing_done_yet_promises_no_time() -> None:
    reading = Tally(2, size_bytes=100).read()
    assert reading.share == 0.0
    assert reading.left_s is None
    assert "left" not in str(reading)


def test_work_that_falls_away_raises_the_share_and_not_the_speed() -> None:
    tally = Tally(2, size_bytes=100)
    tally.add_work(audio_ms=1000, size_bytes=25)
    tally.drop_work(50)
    tally.settle_recording()
    reading = tally.read()
    assert (reading.n_settled, reading.audio_ms) == (1, 1000)
    assert reading.share == pytest.approx(0.5)


def test_a_terminal_gets_a_bar_that_vanishes_and_a_file_gets_no_escape_codes() -> None:
    for is_terminal in (True, False):
        screen = io.StringIO()
        tally = Tally(1, size_bytes=10)
        with shown(tally, Console(file=screen, force_terminal=is_terminal, width=120)) as refresh:
            tally.add_work(audio_ms=5000, size_bytes=10)
            refresh()
            time.sleep(0.2)
        assert ("\x1b[" in screen.getvalue()) == is_terminal
        assert ("100%" in screen.getvalue()) == is_terminal


def test_long_times_show_hours() -> None:
    assert [clock_time(seconds) for seconds in (5.4, 75, 3600 * 30 + 61)] == ["0:05", "1:15", "30:01:01"]
