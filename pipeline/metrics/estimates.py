"""A figure with what it rests on: its interval, or why it has none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LEAST_BLOCKS = 10
"""Blocks below which no interval is given: resampling fewer speakers says nothing about other speakers.

Source: percentile intervals of fewer than about ten clusters cover far less than they claim (Cameron, Gelbach & Miller,
Review of Economics and Statistics 90, 2008, on few clusters).
"""


class IntervalMethod(StrEnum):
    """How an interval was made."""

    EXPANDED = "expanded_percentile"
    """Percentiles moved outwards for few blocks."""
    PERCENTILE = "percentile"
    BCA = "bca"
    WILSON = "wilson"


class NoIntervalReason(StrEnum):
    """Why a figure has no interval."""

    EMPTY = "empty"
    """There is nothing to divide by, so there is no figure either."""
    FEW_BLOCKS = "few_blocks"
    """Fewer than `LEAST_BLOCKS` blocks with something to divide by."""
    NO_SPREAD = "no_spread"
    """Every resample gives the same figure (for instance no error anywhere): a width of zero would claim certainty."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Confidence interval `[low, high]` of a figure, in its unit."""

    low: float
    high: float
    level: float
    """Share of such intervals that are to hold the true figure, in (0, 1)."""
    method: IntervalMethod
    n_blocks: int
    """Independent things that it rests on: speakers, or recordings where speakers are unknown."""

    @property
    def width(self) -> float:
        """High - low."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class NoInterval:
    """Instead of an interval: why there is none."""

    reason: NoIntervalReason
    n_blocks: int

    @property
    def explanation(self) -> str:
        """A sentence for a reader."""
        match self.reason:
            case NoIntervalReason.EMPTY:
                return "no reference to divide by"
            case NoIntervalReason.FEW_BLOCKS:
                return f"{self.n_blocks} speakers or recordings; an interval needs at least {LEAST_BLOCKS}"
            case NoIntervalReason.NO_SPREAD:
                return f"all resamples of {self.n_blocks} speakers or recordings give the same figure"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A ratio of two sums with its interval."""

    value: float | None
    """None where there is nothing to divide by."""
    n: float
    """What the ratio was divided by: reference tokens, segments, milliseconds."""
    n_blocks: int
    """Speakers, or recordings where speakers are unknown, with something to divide by."""
    interval: Interval | NoInterval
