"""Pairs counted at one level: words or mixed tokens, and characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.errors import AppError
from pipeline.dialects.catalogue import Dialect
from pipeline.metrics.count_table import CountTable, count_all
from pipeline.text.alternatives import scoring_tokens_all
from pipeline.text.profiles import Level, Profile, get_profile
from pipeline.text.tags import TagSyntaxError
from pipeline.transcripts import Pair

BLOCK_PAIRS = 8192
"""Pairs whose tokens are in memory at once."""


class MarkupInvalid(AppError):
    """A reference whose braces do not match."""


@dataclass(frozen=True, slots=True)
class TokenisedPair:
    """A pair as it is scored."""

    pair: Pair
    reference: list[str]
    hypothesis: list[str]


@dataclass(frozen=True, slots=True)
class LevelCounts:
    """Counts of the pairs of one dialect, in their order."""

    tokens: CountTable
    characters: CountTable


def profile_of(dialect: Dialect) -> Profile:
    """The scoring profile of a dialect."""
    return get_profile(dialect.profile)


def count_pairs(pairs: Sequence[Pair], profile: Profile, *, level: Level) -> LevelCounts:
    """Counts of each pair at one level.

    Raises: MarkupInvalid naming file and line.
    """
    tokens, characters = [], []
    for references, hypotheses in _blocks(pairs, profile, level):
        tokens.append(count_all(references, hypotheses).columns)
        characters.append(count_all(list(map("".join, references)), list(map("".join, hypotheses))).columns)
    return LevelCounts(CountTable(np.concatenate(tokens)), CountTable(np.concatenate(characters)))


def tokenised(pairs: Sequence[Pair], profile: Profile, *, level: Level) -> Iterator[TokenisedPair]:
    """Each pair with its scoring tokens.

    Raises: MarkupInvalid naming file and line.
    """
    start = 0
    for references, hypotheses in _blocks(pairs, profile, level):
        block = pairs[start : start + len(references)]
        start += len(references)
        yield from map(TokenisedPair, block, references, hypotheses)


def _blocks(pairs: Sequence[Pair], profile: Profile, level: Level) -> Iterator[tuple[list[list[str]], list[list[str]]]]:
    for start in range(0, len(pairs), BLOCK_PAIRS):
        block = pairs[start : start + BLOCK_PAIRS]
        try:
            yield scoring_tokens_all(
                [pair.reference for pair in block], [pair.hypothesis for pair in block], profile, level=level
            )
        except TagSyntaxError:
            raise _located(block, profile, level) from None


def _located(block: Sequence[Pair], profile: Profile, level: Level) -> MarkupInvalid:
    """The error of the first pair that has one, with its place."""
    for pair in block:
        try:
            scoring_tokens_all([pair.reference], [pair.hypothesis], profile, level=level)
        except TagSyntaxError as error:
            return MarkupInvalid(f"{pair.place}: {error}")
    raise AssertionError("a block that failed has a pair that fails")
