"""Error rates of a corpus: by dialect, and within it by speaker, district, gender or recording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.scoring.counting import LevelCounts, count_pairs, profile_of
from app.scoring.inputs import Corpus, DialectPairs
from app.scoring.scores import Blocks, Grouping, GroupScore, LevelScore, Overall, Rate, ScoreReport
from pipeline.metrics.count_table import CountTable
from pipeline.metrics.dialect_spread import dialect_spread
from pipeline.metrics.intervals import estimate
from pipeline.metrics.resampling import block_of
from pipeline.text.profiles import Level
from pipeline.transcripts import Pair

Places = NDArray[np.intp]
UNKNOWN_BLOCK = "unknown"
"""The one block of all utterances of which neither speaker nor recording is known: they may all be one speaker's."""


def score(corpus: Corpus, *, levels: Sequence[Level], groupings: Sequence[Grouping] = ()) -> ScoreReport:
    """The rates of every dialect and of every group in it, at each level.

    Raises: MarkupInvalid naming file and line of a reference whose braces do not match.
    """
    groups = tuple(group for each in corpus.dialects for group in _scored(each, levels, groupings))
    whole = [group for group in groups if group.grouping is None]
    overall = tuple(_overall(whole, place) for place in range(len(levels))) if len(whole) > 1 else ()
    return ScoreReport(corpus, groups, overall)


def block(pair: Pair) -> str:
    """What a pair is drawn with when an interval is made."""
    if pair.about.speaker or pair.recording:
        return block_of(speaker=pair.about.speaker, recording=pair.recording or "")
    return UNKNOWN_BLOCK


def value_in(grouping: Grouping, pair: Pair) -> str | None:
    """The speaker, district ... of a pair; None where it is not known."""
    match grouping:
        case Grouping.SPEAKER:
            return pair.about.speaker
        case Grouping.DISTRICT:
            return pair.about.district
        case Grouping.GENDER:
            return pair.about.gender
        case Grouping.RECORDING:
            return pair.recording


def blocks_of(pairs: Sequence[Pair]) -> Blocks:
    """What an interval of these pairs rests on."""
    speakers = {pair.about.speaker for pair in pairs if pair.about.speaker}
    recordings = {pair.recording for pair in pairs if pair.recording and not pair.about.speaker}
    n_unknown = sum(not pair.about.speaker and not pair.recording for pair in pairs)
    return Blocks(len(speakers), len(recordings), n_unknown)


def _scored(each: DialectPairs, levels: Sequence[Level], groupings: Sequence[Grouping]) -> Iterator[GroupScore]:
    profile = profile_of(each.dialect)
    counts = count_pairs(each.pairs, profile, levels=levels)
    yield _group(each, np.arange(len(each.pairs)), counts)
    for grouping in groupings:
        for value, places in _places(each.pairs, grouping).items():
            yield _group(each, places, counts, grouping=grouping, value=value)


def _places(pairs: Sequence[Pair], grouping: Grouping) -> dict[str | None, Places]:
    """Where the pairs of each value stand: values in order of the alphabet, the unknown one last."""
    places: dict[str | None, list[int]] = {}
    for place, pair in enumerate(pairs):
        places.setdefault(value_in(grouping, pair), []).append(place)
    ordered = sorted(places, key=lambda value: (value is None, value or ""))
    return {value: np.array(places[value], dtype=np.intp) for value in ordered}


def _group(
    each: DialectPairs,
    places: Places,
    counts: Mapping[Level, LevelCounts],
    *,
    grouping: Grouping | None = None,
    value: str | None = None,
) -> GroupScore:
    pairs = [each.pairs[place] for place in places.tolist()]
    keys = list(map(block, pairs))
    return GroupScore(
        each.dialect,
        grouping,
        value,
        len(pairs),
        blocks_of(pairs),
        tuple(_level_score(level, level_counts, places, keys) for level, level_counts in counts.items()),
    )


def _level_score(level: Level, counts: LevelCounts, places: Places, keys: Sequence[str]) -> LevelScore:
    tokens, characters = (CountTable(table.columns[places]) for table in (counts.tokens, counts.characters))
    return LevelScore(
        level, rate_of(tokens, keys), rate_of(characters, keys), tokens.sentence_errors(), tokens.hallucinations()
    )


def rate_of(table: CountTable, keys: Sequence[str]) -> Rate:
    """The rate of some segments, with its interval by blocks; keys: the block of each segment."""
    return Rate(table.total(), estimate(table.by_group(keys).values()))


def _overall(groups: Sequence[GroupScore], place: int) -> Overall:
    dialects = {group.dialect.tag: group.dialect for group in groups}
    scores = {group.dialect.tag: group.levels[place] for group in groups}
    tokens = dialect_spread({tag: score.tokens.counts for tag, score in scores.items()})
    characters = dialect_spread({tag: score.characters.counts for tag, score in scores.items()})
    several = tokens if tokens and tokens.n_dialects > 1 else None
    return Overall(
        groups[0].levels[place].level,
        tokens.macro_rate if tokens else None,
        characters.macro_rate if characters else None,
        dialects[several.worst] if several else None,
        several.gap if several else None,
        tokens.n_dialects if tokens else 0,
    )
