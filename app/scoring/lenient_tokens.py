"""Lenient tokens from canonical ones: only words that the lenient rules change are looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.text.alternatives import scoring_tokens_all
from pipeline.text.profiles import Level, Profile, normalise_all
from pipeline.text.tags import may_have_markup
from pipeline.transcripts import Pair

Side = list[list[str]]
Tokens = tuple[Side, Side]
"""Of references and of hypotheses."""


def lenient_from_canonical(block: Sequence[Pair], canonical: Tokens, profile: Profile) -> Tokens:
    """The lenient tokens of pairs whose canonical ones are known; a pair that stays the same keeps its lists.

    Lenient rules run on canonical text, so where none looks across white space, words can be changed one by one. Pairs
    with alternatives are tokenised anew: another branch may be the cheapest.
    """
    if not profile.lenient_rules:
        return canonical
    if not profile.is_word_local:
        sides = ([pair.reference for pair in block], [pair.hypothesis for pair in block])
        return scoring_tokens_all(*sides, profile, level=Level.LENIENT)
    changes = _changes(canonical, profile)
    lenient = (_changed(canonical[0], changes), _changed(canonical[1], changes))
    _renew_marked(block, lenient, profile)
    return lenient


def changed_places(before: Tokens, after: Tokens) -> list[int]:
    """The pairs that have other tokens than before on one side."""
    if before is after:
        return []
    sides = zip(*before, *after, strict=True)
    return [
        place
        for place, (reference, hypothesis, new_reference, new_hypothesis) in enumerate(sides)
        if reference != new_reference or hypothesis != new_hypothesis
    ]


def _changes(tokens: Tokens, profile: Profile) -> Mapping[str, list[str]]:
    """Each token that the lenient rules change -> what it becomes: one token, several or none."""
    words = list(set().union(*tokens[0], *tokens[1]))
    lenient = normalise_all(words, profile, level=Level.LENIENT)
    return {word: after.split() for word, after in zip(words, lenient, strict=True) if word != after}


def _changed(side: Side, changes: Mapping[str, list[str]]) -> Side:
    is_untouched = changes.keys().isdisjoint
    return [
        tokens if is_untouched(tokens) else [each for token in tokens for each in changes.get(token, (token,))]
        for tokens in side
    ]


def _renew_marked(block: Sequence[Pair], lenient: Tokens, profile: Profile) -> None:
    places = [
        place for place, pair in enumerate(block) if may_have_markup(pair.reference) or may_have_markup(pair.hypothesis)
    ]
    marked = ([block[place].reference for place in places], [block[place].hypothesis for place in places])
    anew = scoring_tokens_all(*marked, profile, level=Level.LENIENT)
    for side, renewed in zip(lenient, anew, strict=True):
        for place, tokens in zip(places, renewed, strict=True):
            side[place] = tokens
