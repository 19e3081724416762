"""What a check says when something is wrong."""

from __future__ import annotations


class Fault(Exception):
    """Something missing or broken, and how to mend it."""

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy
