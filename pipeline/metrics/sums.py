"""Two numbers that belong together and add: a rate before it is divided."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sums:
    """Numerator and denominator of a rate that may exceed 1, or lie below 0."""

    numerator: int = 0
    denominator: int = 0

    def __add__(self, other: Sums) -> Sums:
        if not isinstance(other, Sums):
            return NotImplemented
        return Sums(self.numerator + other.numerator, self.denominator + other.denominator)

    @property
    def rate(self) -> float | None:
        """Numerator / denominator; None where there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None
