"""References with alternatives: the branches that come nearest to a hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.text.profiles import Level, Profile, tokens_all
from pipeline.text.tags import (
    Alternatives,
    Element,
    Tag,
    TagKind,
    Words,
    may_have_markup,
    parse_alternatives,
    parse_tags,
)

Row = NDArray[np.int32]
Tokenise = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Fork:
    """A place where a reference goes on in one of several ways."""

    branches: tuple[Lattice, ...]


Lattice = tuple[str | Fork, ...]
"""A reference as tokens and forks, in order."""


def lattice_of(elements: Iterable[Element], tokenise: Tokenise, *, kept: frozenset[TagKind]) -> Lattice:
    """The tokens of parsed text; tags other than those kept are left out."""
    lattice: list[str | Fork] = []
    for element in elements:
        match element:
            case Words(text):
                lattice += tokenise(text)
            case Tag(kind, _):
                lattice += [element.token] if kind in kept else []
            case Alternatives(branches):
                lattice.append(Fork(tuple(lattice_of(branch, tokenise, kept=kept) for branch in branches)))
    return tuple(lattice)


def reference_tokens(
    text: str, hypothesis: Sequence[str], profile: Profile, *, level: Level = Level.CANONICAL
) -> list[str]:
    """The scoring tokens of a reference, with the branch of each alternative that makes the fewest errors.

    hypothesis: scoring tokens, for instance from `hypothesis_tokens`.

    Raises: TagSyntaxError for braces that do not match.
    """
    lattice = lattice_of(parse_alternatives(text), _tokeniser(profile, level), kept=profile.kept_tags)
    return cheapest_path(lattice, hypothesis)


def hypothesis_tokens(text: str, profile: Profile, *, level: Level = Level.CANONICAL) -> list[str]:
    """The scoring tokens of a hypothesis: tags are treated as in a reference, braces are punctuation."""
    lattice = lattice_of(parse_tags(text), _tokeniser(profile, level), kept=profile.kept_tags)
    return [token for token in lattice if isinstance(token, str)]


def scoring_tokens_all(
    references: Sequence[str], hypotheses: Sequence[str], profile: Profile, *, level: Level = Level.CANONICAL
) -> tuple[list[list[str]], list[list[str]]]:
    """`reference_tokens` and `hypothesis_tokens` of many pairs, in order; those without markup go through at once.

    Raises: TagSyntaxError for braces that do not match in a reference; ValueError for lists of different length.
    """
    heard = tokens_all(hypotheses, profile, level=level)
    meant = tokens_all(references, profile, level=level)
    for place, (reference, hypothesis) in enumerate(zip(references, hypotheses, strict=True)):
        if may_have_markup(hypothesis):
            heard[place] = hypothesis_tokens(hypothesis, profile, level=level)
        if may_have_markup(reference):
            meant[place] = reference_tokens(reference, heard[place], profile, level=level)
    return meant, heard


def cheapest_path(lattice: Lattice, hypothesis: Sequence[str]) -> list[str]:
    """The path through a lattice with the smallest edit distance to a hypothesis, the earlier branch where equal.

    Exact, in time O(tokens of all branches * hypothesis) and memory O(forks * hypothesis): costs of a whole column of
    hypothesis positions move along the lattice, each with the position where it entered.

    Source: alignment of a string with a network, as NIST sclite does for `{ a / b / @ }`; Levenshtein costs 1, 1, 1.
    """
    if all(isinstance(step, str) for step in lattice):
        return [step for step in lattice if isinstance(step, str)]
    numbers: dict[str, int] = {}
    spoken = np.array([numbers.setdefault(token, len(numbers)) for token in hypothesis], dtype=np.int32)
    run = _Run(numbers, spoken)
    passage = run.through(lattice, np.arange(len(spoken) + 1, dtype=np.int32))
    path, _ = _trace_back(passage, len(spoken))
    return path


@dataclass(frozen=True, slots=True)
class _Passage:
    """How costs went through a lattice or one step of it.

    costs: shape (positions,), errors so far with that many hypothesis tokens used. entered: shape (positions,), the
    position at which the cheapest way entered. tokens: a run of tokens. steps: the parts of a lattice. chosen: shape
    (positions,), the branch of a fork.
    """

    costs: Row
    entered: Row
    tokens: tuple[str, ...] = ()
    steps: tuple[_Passage, ...] = ()
    chosen: Row | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    numbers: dict[str, int]
    spoken: Row

    def through(self, lattice: Lattice, costs: Row) -> _Passage:
        """Costs after a lattice."""
        steps: list[_Passage] = []
        for step in _runs(lattice):
            passed = self._through_fork(step, costs) if isinstance(step, Fork) else self._through_tokens(step, costs)
            steps.append(passed)
            costs = passed.costs
        entered = np.arange(len(costs), dtype=np.int32)
        for passed in reversed(steps):
            entered = passed.entered[entered]
        return _Passage(costs, entered, steps=tuple(steps))

    def _through_fork(self, fork: Fork, costs: Row) -> _Passage:
        branches = tuple(self.through(branch, costs) for branch in fork.branches)
        stacked = np.stack([branch.costs for branch in branches])
        chosen = stacked.argmin(axis=0).astype(np.int32)
        positions = np.arange(len(costs))
        entered = np.stack([branch.entered for branch in branches])[chosen, positions]
        return _Passage(stacked[chosen, positions], entered, steps=branches, chosen=chosen)

    def _through_tokens(self, tokens: tuple[str, ...], costs: Row) -> _Passage:
        positions = np.arange(len(costs), dtype=np.int32)
        entered = positions
        for token in tokens:
            deleted = costs + 1
            deleted_from = entered
            paired = costs[:-1] + (self.spoken != self.numbers.get(token, -1))
            is_paired = paired <= deleted[1:]
            costs, entered = deleted, deleted_from.copy()
            costs[1:][is_paired] = paired[is_paired]
            entered[1:][is_paired] = deleted_from[:-1][is_paired]
            costs, entered = _with_insertions(costs, entered, positions)
        return _Passage(costs, entered, tokens=tokens)


def _with_insertions(costs: Row, entered: Row, positions: Row) -> tuple[Row, Row]:
    """Costs where hypothesis tokens may have been inserted: a running minimum, once positions are taken off."""
    relative = costs - positions
    lowest = np.minimum.accumulate(relative)
    is_start = np.empty(len(costs), dtype=bool)
    is_start[0] = True
    is_start[1:] = relative[1:] <= lowest[:-1]
    source = np.maximum.accumulate(np.where(is_start, positions, 0))
    return lowest + positions, entered[source]


def _runs(lattice: Lattice) -> Iterable[tuple[str, ...] | Fork]:
    """Neighbouring tokens together, forks apart."""
    tokens: list[str] = []
    for step in lattice:
        if isinstance(step, str):
            tokens.append(step)
            continue
        yield tuple(tokens)
        yield step
        tokens = []
    yield tuple(tokens)


def _trace_back(passage: _Passage, position: int) -> tuple[list[str], int]:
    """The tokens of the cheapest way that leaves a passage at a position, and the position where it entered."""
    if passage.chosen is not None:
        return _trace_back(passage.steps[passage.chosen[position]], position)
    if not passage.steps:
        return list(passage.tokens), int(passage.entered[position])
    path: list[list[str]] = []
    for step in reversed(passage.steps):
        tokens, position = _trace_back(step, position)
        path.append(tokens)
    return [token for tokens in reversed(path) for token in tokens], position


def _tokeniser(profile: Profile, level: Level) -> Tokenise:
    return lambda text: tokens_all((text,), profile, level=level)[0]
