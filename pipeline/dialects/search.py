"""Finding a variety by what people call it: names in any script, codes, states and districts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from rapidfuzz import fuzz

from pipeline.dialects.varieties import Dialect

_CLOSEST_SPELLING = 78.0
"""Least similarity, of 100, at which a differently spelt word counts as the same; tuned on spellings people use
(Bhojpoori, Tamizh, Kannad, Chhatisgarhi, Szechuan), while Hindi and Sindhi (73) stay apart."""
_LEAST_QUERY_TO_RESPELL = 4
"""Shorter queries are codes or fragments: nearly every word is one letter away from them."""

_EXACT_CODE, _EXACT_NAME, _EXACT_REGION, _NAME_WORD, _REGION_WORD, _NAME_PART = 100.0, 96.0, 90.0, 86.0, 82.0, 76.0
_REGION_PART, _RESPELT = 70.0, 60.0


def folded(text: str) -> str:
    """Text as it is compared: no case, no Latin diacritics, hyphens as spaces; marks of other scripts stay.

    Vowel signs of Indic scripts are what tells names apart, so only the combining diacritical marks block goes.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(mark for mark in decomposed if not "\u0300" <= mark <= "\u036f")
    return " ".join(unicodedata.normalize("NFC", bare).replace("-", " ").replace("_", " ").split())


def ranked_matches(dialects: Sequence[Dialect], query: str) -> list[Dialect]:
    """Varieties that match the query, best first; all of them, in order, for a blank query.

    A query of several words (`telugu warangal`) may also match word by word, all words in the same variety.
    """
    wanted = folded(query)
    if not wanted:
        return list(dialects)
    scored = [(_score(dialect, wanted), dialect) for dialect in dialects]
    return [dialect for score, dialect in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def nearest(dialects: Sequence[Dialect], text: str, *, limit: int) -> list[Dialect]:
    """The varieties nearest to a mistaken tag or name, whatever it is: matches first, then by closeness of spelling."""
    wanted = folded(text)
    matches = ranked_matches(dialects, text) if wanted else []
    by_spelling = sorted(dialects, key=lambda dialect: -_closeness(dialect, wanted))
    return list(dict.fromkeys([*matches, *by_spelling]))[:limit]


def _score(dialect: Dialect, wanted: str) -> float:
    whole = _score_phrase(dialect, wanted)
    words = wanted.split()
    if len(words) < 2:
        return whole
    by_word = [_score_phrase(dialect, word) for word in words]
    return max(whole, sum(by_word) / len(words) / 2 if all(by_word) else 0.0)


def _score_phrase(dialect: Dialect, wanted: str) -> float:
    return max(_scores(dialect, wanted), default=0.0)


def _scores(dialect: Dialect, wanted: str) -> Iterator[float]:
    if wanted in _codes(dialect):
        yield _EXACT_CODE
    for name in _names(dialect):
        yield _score_text(name, wanted, (_EXACT_NAME, _NAME_WORD, _NAME_PART))
    for region in _regions(dialect):
        yield _score_text(region, wanted, (_EXACT_REGION, _REGION_WORD, _REGION_PART))


def _score_text(text: str, wanted: str, scores: tuple[float, float, float]) -> float:
    exact, word, part = scores
    if text == wanted:
        return exact
    if f" {wanted} " in f" {text} ":
        return word
    if wanted in text:
        return part
    if len(wanted) < _LEAST_QUERY_TO_RESPELL:
        return 0.0
    similarity = fuzz.ratio(text, wanted, score_cutoff=_CLOSEST_SPELLING)
    return _RESPELT * similarity / 100


def _closeness(dialect: Dialect, wanted: str) -> float:
    return max(fuzz.ratio(text, wanted) for text in (*_codes(dialect), *_names(dialect)))


@cache
def _codes(dialect: Dialect) -> tuple[str, ...]:
    codes = (dialect.tag, *dialect.aliases, dialect.iso639_3, *dialect.labels)
    return tuple(dict.fromkeys(folded(code) for code in codes))


@cache
def _names(dialect: Dialect) -> tuple[str, ...]:
    names = (dialect.english_name, dialect.own_name, *dialect.other_names)
    return tuple(dict.fromkeys(folded(name) for name in names))


@cache
def _regions(dialect: Dialect) -> tuple[str, ...]:
    return tuple(dict.fromkeys(folded(region) for region in dialect.regions))
