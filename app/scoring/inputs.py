"""What is scored: references and hypotheses from files, paired and sorted by dialect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from app.errors import AppError
from pipeline.dialects.catalogue import Dialect, get_dialect
from pipeline.errors import UnknownDialect
from pipeline.transcripts import Kind, Matching, Pair, Transcripts, Utterance, match, read_transcripts
from pipeline.transcripts.matching import pair_of
from pipeline.transcripts.metadata import with_metadata


class Unmatched(StrEnum):
    """What becomes of ids that only one side has."""

    FAIL = "fail"
    """Left out of the scores and listed; the command ends with an error code."""
    SKIP = "skip"
    """Left out of the scores and listed."""
    EMPTY = "empty"
    """Scored against an empty text: all deletions, or all insertions."""


class NothingToScore(AppError):
    """Not one pair."""


class DialectMissing(AppError):
    """An utterance whose dialect is not known."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How files are read and paired."""

    dialect: str | None = None
    """Tag for utterances whose file gives none."""
    metadata: Path | None = None
    reference_kind: Kind | None = None
    hypothesis_kind: Kind | None = None
    unmatched: Unmatched = Unmatched.FAIL


@dataclass(frozen=True, slots=True)
class DialectPairs:
    """The pairs of one dialect, in the order of the references."""

    dialect: Dialect
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """All pairs, and what could not be paired."""

    reference: str
    hypothesis: str
    dialects: tuple[DialectPairs, ...]
    without_hypothesis: tuple[str, ...]
    without_reference: tuple[str, ...]
    n_ignored: int
    """References that their file marks as not to be scored."""
    unmatched: Unmatched

    @property
    def n_pairs(self) -> int:
        """Pairs of all dialects."""
        return sum(len(each.pairs) for each in self.dialects)

    @property
    def is_incomplete(self) -> bool:
        """Whether something was left out that should not have been."""
        return self.unmatched is Unmatched.FAIL and bool(self.without_hypothesis or self.without_reference)


def read_references(path: Path, choices: Choices) -> Transcripts:
    """The references with what the metadata table knows of them.

    Raises: TranscriptInvalid.
    """
    references = read_transcripts(path, kind=choices.reference_kind)
    return with_metadata(references, choices.metadata) if choices.metadata else references


def read_corpus(references: Transcripts, hypothesis: Path, choices: Choices) -> Corpus:
    """References paired with the hypotheses of a file or folder, by dialect.

    Raises: TranscriptInvalid, UnknownDialect, DialectMissing, NothingToScore.
    """
    hypotheses = read_transcripts(hypothesis, kind=choices.hypothesis_kind)
    _check_not_empty(references)
    if choices.unmatched is not Unmatched.EMPTY:
        _check_not_empty(hypotheses)
    matching = match(references, hypotheses)
    pairs = _paired(matching, choices.unmatched)
    if not pairs and matching.n_ignored:
        raise NothingToScore(f"{references.name}: every reference that has a hypothesis is marked as not to be scored")
    if not pairs:
        raise NothingToScore(
            f"{references.name} and {hypotheses.name} have no id in common{_first_ids(matching)}; expected the same ids"
        )
    return Corpus(
        references.name,
        hypotheses.name,
        _by_dialect(pairs, choices.dialect),
        _ids(matching.without_hypothesis),
        _ids(matching.without_reference),
        matching.n_ignored,
        choices.unmatched,
    )


def _check_not_empty(transcripts: Transcripts) -> None:
    if not transcripts.utterances:
        raise NothingToScore(f"{transcripts.name} holds a header and no utterance; expected at least one")


def restricted(corpus: Corpus, ids: frozenset[str]) -> Corpus:
    """The corpus with these pairs only."""
    kept = (replace(each, pairs=tuple(pair for pair in each.pairs if pair.id in ids)) for each in corpus.dialects)
    return replace(corpus, dialects=tuple(each for each in kept if each.pairs))


def _paired(matching: Matching, unmatched: Unmatched) -> Sequence[Pair]:
    if unmatched is not Unmatched.EMPTY:
        return matching.pairs
    silent = (pair_of(reference, replace(reference, text="")) for reference in matching.without_hypothesis)
    invented = (pair_of(replace(heard, text=""), heard) for heard in matching.without_reference)
    return (*matching.pairs, *silent, *invented)


def _by_dialect(pairs: Iterable[Pair], default: str | None) -> tuple[DialectPairs, ...]:
    """Pairs by dialect, in the order in which dialects first appear; aliases of one variety together."""
    by_tag: dict[str | None, list[Pair]] = {}
    for pair in pairs:
        by_tag.setdefault(pair.about.dialect or default, []).append(pair)
    found: dict[str, tuple[Dialect, list[Pair]]] = {}
    for tag, members in by_tag.items():
        dialect = _dialect(tag, members[0])
        found.setdefault(dialect.tag, (dialect, []))[1].extend(members)
    return tuple(DialectPairs(dialect, tuple(members)) for dialect, members in found.values())


def _dialect(tag: str | None, first: Pair) -> Dialect:
    if tag is None:
        raise DialectMissing(
            f"{first.place}: the dialect of {first.id!r} is not known; give --dialect TAG, a column dialect, or "
            "--metadata with one"
        )
    try:
        return get_dialect(tag)
    except UnknownDialect as error:
        raise UnknownDialect(f"{first.place}: {error}" if first.about.dialect else f"--dialect: {error}") from None


def _ids(utterances: Iterable[Utterance]) -> tuple[str, ...]:
    return tuple(utterance.id for utterance in utterances)


def _first_ids(matching: Matching) -> str:
    sides = (matching.without_hypothesis, matching.without_reference)
    if not all(sides):
        return ""
    ours, theirs = (side[0].id for side in sides)
    return f" (the first are {ours!r} and {theirs!r})"
