"""Texts in the units that error rates count."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

import regex

from pipeline.dialects.catalogue import ScoringUnit

_MIXED = regex.compile(r"\p{Han}|[^\p{Han}\s]+")
_CLUSTER = regex.compile(r"\X")


def word_tokens(text: str) -> list[str]:
    """What white space of any kind separates."""
    return text.split()


def mixed_tokens(text: str) -> list[str]:
    """One token per Han character of any plane, one per run of anything else (a Latin word, a number).

    Source: the mixed error rate of Mandarin-English speech, TASLP 10.1109/TASLP.2015.2389622; the same cut as
    `sclite -e utf-8 -c NOASCII`.
    """
    return [token for run in text.split() for token in _MIXED.findall(run)]


def characters(text: str) -> str:
    """The NFC code points of a text without its white space: the unit of character error rates in every script."""
    return "".join(unicodedata.normalize("NFC", text).split())


def grapheme_clusters(text: str) -> list[str]:
    """What a reader takes for one character, white space left out.

    Not comparable across scripts: स्त्री is one cluster, ಸ್ತ್ರೀ three. Source: Unicode Standard Annex 29.
    """
    return [cluster for cluster in _CLUSTER.findall(unicodedata.normalize("NFC", text)) if not cluster.isspace()]


TOKENS_OF: Mapping[ScoringUnit, Callable[[str], list[str]]] = MappingProxyType(
    {
        ScoringUnit.WORD: word_tokens,
        ScoringUnit.MIXED: mixed_tokens,
        ScoringUnit.CHARACTER: lambda text: list(characters(text)),
    }
)
"""Scoring unit -> how a text is cut into it."""
