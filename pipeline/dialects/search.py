"""Finding a variety by what people call it: names in any script, codes, states and districts."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from rapidfuzz import fuzz

from pipeline.dialects.loading import load_catalogue
from pipeline.dialects.varieties import Dialect

_LEAST_SIMILARITY = 80.0
"""Least similarity, of 100, at which a word counts as another spelling of a name; chosen on pairs that people write
(Bhojpoori/Bhojpuri 82, Kumauni/Kumaoni 86, Chattisgadhi/Chhattisgarhi 88), under which other languages stay apart
(Hindi/Sindhi 73, Nepali/Bengali 62)."""
_LEAST_LETTERS_TO_RESPELL = 4
"""Shorter queries are codes or fragments, and are one letter away from nearly every short name."""
_LEAST_LETTERS_INSIDE_A_WORD = 3
"""Two Latin letters stand inside nearly every name; two characters of other scripts may be a whole word."""
_OTHER_FIELD_WEIGHT = 0.001
"""A match in a second field (a district that is also in the name) only orders varieties whose best match is equal."""


class _Worth(NamedTuple):
    """What a match in a field is worth, by how much of the text the query covers."""

    whole: float
    word: float
    part: float
    respelt: float
    is_part_anywhere: bool = True
    """Whether Latin letters count inside a word too, and not only at its beginning."""


_TAG = _Worth(whole=100.0, word=0.0, part=0.0, respelt=0.0)
_LABEL = _Worth(whole=98.0, word=0.0, part=0.0, respelt=0.0)
_NAME = _Worth(whole=96.0, word=86.0, part=76.0, respelt=64.0)
_REGION = _Worth(whole=90.0, word=82.0, part=70.0, respelt=58.0, is_part_anywhere=False)
"""Names of places hold other places' names by chance: Visakhapatnam holds Patna."""

_Matcher = Callable[[str, str, _Worth], float]


@dataclass(frozen=True, slots=True)
class _Field:
    """Texts a variety is found by, folded, and what a match there is worth."""

    texts: tuple[str, ...]
    worth: _Worth


def folded(text: str) -> str:
    """Text as it is compared: without case, Latin diacritics, apostrophes and punctuation.

    Vowel signs and viramas of other scripts tell names apart, so only the block of combining diacritical marks goes.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(
        character for character in decomposed if not ("\u0300" <= character <= "\u036f" or character in "'’ʼ")
    )
    spaced = "".join(" " if unicodedata.category(character)[0] in "PZ" else character for character in bare)
    return unicodedata.normalize("NFC", " ".join(spaced.split()))


@cache
def dialects_by_name() -> Mapping[str, Dialect]:
    """Each variety under its English and its own name, folded; names that several have are left out."""
    named: dict[str, set[Dialect]] = {}
    for dialect in load_catalogue():
        for name in (dialect.english_name, dialect.own_name):
            named.setdefault(folded(name), set()).add(dialect)
    return {name: dialect for name, (dialect, *others) in named.items() if name and not others}


def ranked_matches(dialects: Sequence[Dialect], query: str) -> list[Dialect]:
    """Varieties that match the query, best first; all of them, in order, for a blank query.

    Close spellings count only where nothing is spelt as in the query. A query of several words (`telugu warangal`)
    also matches word by word, if all its words match the same variety.
    """
    wanted = folded(query)
    if not wanted:
        return list(dialects)
    return _ranked(dialects, wanted, _literal) or _ranked(dialects, wanted, _respelt)


def nearest(dialects: Sequence[Dialect], mistaken: str, *, limit: int) -> list[Dialect]:
    """The varieties nearest to a mistaken tag or name: what matches it, then what is spelt most like it."""
    wanted = folded(mistaken)
    matches = ranked_matches(dialects, mistaken) if wanted else []
    by_spelling = sorted(dialects, key=lambda dialect: -_closeness(dialect, wanted))
    return list(dict.fromkeys([*matches, *by_spelling]))[:limit]


def _ranked(dialects: Sequence[Dialect], wanted: str, match: _Matcher) -> list[Dialect]:
    """Best first; of equals those with a token of their own, then in catalogue order, where the wider comes first."""
    scored = [(_score(_fields(dialect), wanted, match), dialect) for dialect in dialects]
    found = [(score, dialect) for score, dialect in scored if score > 0]
    return [dialect for _, dialect in sorted(found, key=lambda pair: (-pair[0], pair[1].whisper_token is None))]


@cache
def _fields(dialect: Dialect) -> tuple[_Field, ...]:
    names = (dialect.english_name, dialect.own_name, *dialect.other_names)
    return (
        _Field(_folded_once((dialect.tag, *dialect.aliases)), _TAG),
        _Field(_folded_once((dialect.iso639_3, *dialect.labels)), _LABEL),
        _Field(_folded_once(names), _NAME),
        _Field(_folded_once(dialect.regions), _REGION),
    )


def _folded_once(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(folded(text) for text in texts))


def _score(fields: Sequence[_Field], wanted: str, match: _Matcher) -> float:
    """Worth of the whole query; of its words, at half their mean, where the whole is not found."""
    whole = _phrase_score(fields, wanted, match)
    words = wanted.split()
    if whole or len(words) < 2:
        return whole
    by_word = [_phrase_score(fields, word, match) for word in words]
    return sum(by_word) / len(words) / 2 if all(by_word) else 0.0


def _phrase_score(fields: Sequence[_Field], wanted: str, match: _Matcher) -> float:
    by_field = (max((match(text, wanted, field.worth) for text in field.texts), default=0.0) for field in fields)
    best, *others = sorted(by_field, reverse=True)
    return best + _OTHER_FIELD_WEIGHT * sum(others)


def _literal(text: str, wanted: str, worth: _Worth) -> float:
    if text == wanted:
        return worth.whole
    if f" {wanted} " in f" {text} ":
        return worth.word
    if wanted.isascii() and len(wanted) < _LEAST_LETTERS_INSIDE_A_WORD:
        return 0.0
    is_part = wanted in text if worth.is_part_anywhere or not wanted.isascii() else f" {wanted}" in f" {text}"
    return worth.part if is_part else 0.0


def _respelt(text: str, wanted: str, worth: _Worth) -> float:
    if (literal := _literal(text, wanted, worth)) or len(wanted) < _LEAST_LETTERS_TO_RESPELL:
        return literal
    return worth.respelt * fuzz.ratio(text, wanted, score_cutoff=_LEAST_SIMILARITY) / 100


def _closeness(dialect: Dialect, wanted: str) -> float:
    tags, labels, names, _ = _fields(dialect)
    return max(fuzz.ratio(text, wanted) for field in (tags, labels, names) for text in field.texts)
