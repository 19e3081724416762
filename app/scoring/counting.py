"""Pairs counted at each level: words or mixed tokens, and characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import AppError
from app.scoring.lenient_tokens import Tokens, changed_places, lenient_from_canonical
from pipeline.dialects.catalogue import Dialect
from pipeline.metrics.count_table import CountTable, count_all
from pipeline.text.alternatives import scoring_tokens_all
from pipeline.text.profiles import Level, Profile, get_profile
from pipeline.text.tags import TagSyntaxError
from pipeline.transcripts import Pair

BLOCK_PAIRS = 8192
"""Pairs whose tokens are in memory at once."""
Columns = NDArray[np.int64]


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


def count_pairs(pairs: Sequence[Pair], profile: Profile, *, levels: Sequence[Level]) -> dict[Level, LevelCounts]:
    """Counts of each pair at each level.

    Raises: MarkupInvalid naming file and line.
    """
    found: dict[Level, list[tuple[Columns, Columns]]] = {level: [] for level in levels}
    for block in _blocks(pairs):
        for level, columns in _count_block(block, profile, levels).items():
            found[level].append(columns)
    return {
        level: LevelCounts(*(CountTable(np.concatenate(columns)) for columns in zip(*blocks, strict=True)))
        for level, blocks in found.items()
    }


def tokenised(pairs: Sequence[Pair], profile: Profile, *, level: Level) -> Iterator[TokenisedPair]:
    """Each pair with its scoring tokens.

    Raises: MarkupInvalid naming file and line.
    """
    for block in _blocks(pairs):
        yield from map(TokenisedPair, block, *_tokens(block, profile, level))


def _blocks(pairs: Sequence[Pair]) -> Iterator[Sequence[Pair]]:
    return (pairs[start : start + BLOCK_PAIRS] for start in range(0, len(pairs), BLOCK_PAIRS))


def _count_block(
    block: Sequence[Pair], profile: Profile, levels: Sequence[Level]
) -> dict[Level, tuple[Columns, Columns]]:
    if tuple(levels) != (Level.CANONICAL, Level.LENIENT):
        return {level: _columns(_tokens(block, profile, level)) for level in levels}
    canonical = _tokens(block, profile, Level.CANONICAL)
    lenient = lenient_from_canonical(block, canonical, profile)
    columns = _columns(canonical)
    return {Level.CANONICAL: columns, Level.LENIENT: _recounted(columns, canonical, lenient)}


def _columns(tokens: Tokens) -> tuple[Columns, Columns]:
    """Counts of tokens and of characters."""
    characters = (list(map("".join, side)) for side in tokens)
    return count_all(*tokens).columns, count_all(*characters).columns


def _recounted(columns: tuple[Columns, Columns], before: Tokens, after: Tokens) -> tuple[Columns, Columns]:
    """The counts with those of pairs whose tokens have changed taken anew."""
    places = changed_places(before, after)
    if not places:
        return columns
    anew = _columns((([after[0][place] for place in places]), [after[1][place] for place in places]))
    whole = (columns[0].copy(), columns[1].copy())
    for table, part in zip(whole, anew, strict=True):
        table[places] = part
    return whole


def _tokens(block: Sequence[Pair], profile: Profile, level: Level) -> Tokens:
    try:
        return scoring_tokens_all(
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
