"""Two systems on the same references, dialect by dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from app.scoring.counting import LevelCounts, TokenisedPair, count_pairs, profile_of, tokenised
from app.scoring.inputs import Corpus, DialectPairs, NothingToScore, Unmatched, restricted
from app.scoring.scores import Blocks
from app.scoring.service import block, blocks_of
from pipeline.dialects.catalogue import Dialect
from pipeline.metrics.alignment import align
from pipeline.metrics.comparison import Comparison, compare, paired_blocks
from pipeline.metrics.corrections import benjamini_hochberg, holm
from pipeline.metrics.count_table import CountTable
from pipeline.metrics.counts import ErrorCounts
from pipeline.metrics.matched_pairs import MatchedPairsTest, SegmentErrors, error_segments, matched_pairs_test
from pipeline.metrics.rank_tests import RankTest, signed_rank_test
from pipeline.text.profiles import Level
from pipeline.transcripts import Pair


class Correction(StrEnum):
    """How p-values are corrected over the dialects of a level."""

    HOLM = "holm"
    """No false finding among all dialects."""
    BH = "bh"
    """Benjamini-Hochberg: few false findings among the findings."""


_CORRECT: Mapping[Correction, Callable[[Mapping[int, float]], dict[int, float]]] = MappingProxyType(
    {Correction.HOLM: holm, Correction.BH: benjamini_hochberg}
)


@dataclass(frozen=True, slots=True)
class Measure:
    """Two systems compared by words (mixed tokens for Chinese) or by characters."""

    a: ErrorCounts
    b: ErrorCounts
    comparison: Comparison
    corrected_p_value: float | None = None
    """Over the dialects of this level; None where there is one dialect only or no p-value."""


@dataclass(frozen=True, slots=True)
class DialectComparison:
    """Two systems on the pairs of one dialect at one level."""

    dialect: Dialect
    level: Level
    n_segments: int
    blocks: Blocks
    tokens: Measure
    characters: Measure
    matched_pairs: MatchedPairsTest
    """MAPSSWE, over the utterances in which both systems are held to the same reference tokens."""
    signed_ranks: RankTest | None
    """Wilcoxon's test over the rates of the blocks; None where no block is known."""
    corrected_matched_pairs: float | None = None
    corrected_signed_ranks: float | None = None
    """p-values over the dialects of this level, as those of the measures."""


@dataclass(frozen=True, slots=True)
class ComparisonReport:
    """Everything that `boli compare` tells."""

    a: Corpus
    b: Corpus
    """Both with the same pairs."""
    rows: tuple[DialectComparison, ...]
    """By dialect, then level."""
    correction: Correction

    @property
    def is_incomplete(self) -> bool:
        """Whether something was left out that should not have been."""
        return self.a.is_incomplete or self.b.is_incomplete


def compare_corpora(
    a: Corpus, b: Corpus, *, levels: Sequence[Level], correction: Correction = Correction.HOLM
) -> ComparisonReport:
    """The difference of two systems in every dialect at each level, over the utterances that both have.

    Where what has no partner is scored against nothing, over those that either has: the other wrote nothing there.

    Raises: NothingToScore, MarkupInvalid.
    """
    if a.unmatched is Unmatched.EMPTY:
        a, b = _completed(a, b), _completed(b, a)
    ids_a, ids_b = (frozenset(pair.id for each in side.dialects for pair in each.pairs) for side in (a, b))
    if not ids_a & ids_b:
        raise NothingToScore(f"{a.hypothesis} and {b.hypothesis} have no utterance in common")
    common_a, common_b = restricted(a, ids_a & ids_b), restricted(_in_order(b, a), ids_a & ids_b)
    rows = [
        row
        for side_a, side_b in zip(common_a.dialects, common_b.dialects, strict=True)
        for row in _compared(side_a, side_b, levels)
    ]
    return ComparisonReport(common_a, common_b, tuple(_corrected(rows, levels, _CORRECT[correction])), correction)


def _completed(corpus: Corpus, other: Corpus) -> Corpus:
    """The corpus with the pairs that only the other has, in which this system wrote nothing."""
    known = {pair.id for each in corpus.dialects for pair in each.pairs}
    lacking: dict[str, tuple[Pair, ...]] = {
        each.dialect.tag: tuple(replace(pair, hypothesis="") for pair in each.pairs if pair.id not in known)
        for each in other.dialects
    }
    dialects = {each.dialect.tag: each.dialect for each in (*corpus.dialects, *other.dialects)}
    pairs = {each.dialect.tag: each.pairs for each in corpus.dialects}
    whole = (DialectPairs(dialects[tag], pairs.get(tag, ()) + lacking.get(tag, ())) for tag in dialects)
    return replace(corpus, dialects=tuple(each for each in whole if each.pairs))


def _in_order(b: Corpus, a: Corpus) -> Corpus:
    """The pairs of B in the dialects and the order of A; who speaks is as in A, where a reference leaves it open."""
    by_id = {pair.id: pair for each in b.dialects for pair in each.pairs}
    dialects = (
        DialectPairs(
            each.dialect,
            tuple(
                replace(by_id[pair.id], about=pair.about, recording=pair.recording)
                for pair in each.pairs
                if pair.id in by_id
            ),
        )
        for each in a.dialects
    )
    return replace(b, dialects=tuple(dialects))


def _compared(a: DialectPairs, b: DialectPairs, levels: Sequence[Level]) -> Iterator[DialectComparison]:
    profile = profile_of(a.dialect)
    keys = list(map(block, a.pairs))
    counted_a, counted_b = (count_pairs(side.pairs, profile, levels=levels) for side in (a, b))
    for level in levels:
        counts_a, counts_b = counted_a[level], counted_b[level]
        segments = _segments(tokenised(a.pairs, profile, level=level), tokenised(b.pairs, profile, level=level))
        yield DialectComparison(
            a.dialect,
            level,
            len(a.pairs),
            blocks_of(a.pairs),
            _measure(counts_a.tokens, counts_b.tokens, keys),
            _measure(counts_a.characters, counts_b.characters, keys),
            matched_pairs_test(list(segments)),
            _signed_ranks(counts_a, counts_b, keys),
        )


def _measure(a: CountTable, b: CountTable, keys: Sequence[str]) -> Measure:
    return Measure(a.total(), b.total(), compare(paired_blocks(a.by_group(keys), b.by_group(keys))))


def _signed_ranks(a: LevelCounts, b: LevelCounts, keys: Sequence[str]) -> RankTest | None:
    blocks = paired_blocks(a.tokens.by_group(keys), b.tokens.by_group(keys))
    differences = [each.rate_difference for each in blocks]
    known = [difference for difference in differences if difference is not None]
    return signed_rank_test(known) if len(known) > 1 else None


def _segments(a: Iterable[TokenisedPair], b: Iterable[TokenisedPair]) -> Iterator[SegmentErrors]:
    """The error segments of all utterances; one whose alternatives were chosen differently is left out."""
    for ours, theirs in zip(a, b, strict=True):
        is_right_in_both = ours.reference == ours.hypothesis == theirs.hypothesis
        if ours.reference == theirs.reference and not is_right_in_both:
            yield from error_segments(
                align(ours.reference, ours.hypothesis), align(theirs.reference, theirs.hypothesis)
            )


def _corrected(
    rows: Sequence[DialectComparison],
    levels: Sequence[Level],
    correct: Callable[[Mapping[int, float]], dict[int, float]],
) -> list[DialectComparison]:
    """The rows with the p-values of each test corrected over the dialects of each level, where there are several."""
    corrected = list(rows)
    for level in levels:
        places = [place for place, row in enumerate(rows) if row.level is level]
        if len(places) < 2:
            continue
        tokens = correct(_known({place: rows[place].tokens.comparison.p_value for place in places}))
        characters = correct(_known({place: rows[place].characters.comparison.p_value for place in places}))
        matched_pairs = correct(_mapsswe_family({place: rows[place].matched_pairs for place in places}))
        signed_ranks = correct(_known({place: _p_value(rows[place].signed_ranks) for place in places}))
        for place in places:
            row = rows[place]
            corrected[place] = replace(
                row,
                tokens=replace(row.tokens, corrected_p_value=tokens.get(place)),
                characters=replace(row.characters, corrected_p_value=characters.get(place)),
                corrected_matched_pairs=None if row.matched_pairs.p_value is None else matched_pairs[place],
                corrected_signed_ranks=signed_ranks.get(place),
            )
    return corrected


def _known(p_values: Mapping[int, float | None]) -> dict[int, float]:
    """Those dialects that had blocks enough to be tested, whatever came out."""
    return {place: p_value for place, p_value in p_values.items() if p_value is not None}


def _mapsswe_family(tests: Mapping[int, MatchedPairsTest]) -> dict[int, float]:
    """All dialects: one whose segments all differ alike has no p-value, but was tested."""
    return {place: 1.0 if test.p_value is None else test.p_value for place, test in tests.items()}


def _p_value(test: RankTest | None) -> float | None:
    return test.p_value if test else None
