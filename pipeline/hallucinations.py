"""Phrases that Whisper writes where nobody speaks: the ends of the videos that it learned from.

Source: arXiv 2501.11378 (Bag of Hallucinations); SYSTRAN/faster-whisper #587, ufal/whisper_streaming #68, Vexa-ai/vexa
#155 and #617. The Indian phrases are what Whisper writes for "thanks for watching" and "subscribe" in these languages.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from unicodedata import normalize

import regex

_NOT_LETTERS = regex.compile(r"[\p{P}\p{S}\p{Z}\p{C}]+")
_EVERYWHERE = ("en", "ja", "ko")
"""Languages whose phrases come out whatever language was asked for."""


def is_hallucination(text: str, language: str) -> bool:
    """Whether the whole text is one known phrase, perhaps said several times; never a part of a longer text."""
    letters = _letters(text)
    phrases = _phrases()
    known = frozenset[str]().union(*(phrases.get(code, frozenset()) for code in (language, *_EVERYWHERE)))
    return any(letters and letters == phrase * (len(letters) // len(phrase)) for phrase in known)


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", normalize("NFC", text)).casefold()


@lru_cache(maxsize=1)
def _phrases() -> Mapping[str, frozenset[str]]:
    """Letters of the known phrases by Whisper language."""
    by_language: dict[str, set[str]] = {}
    table = files("pipeline").joinpath("hallucinations.tsv").read_text(encoding="utf-8")
    for row in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        by_language.setdefault(row["language"], set()).add(_letters(row["phrase"]))
    return {language: frozenset(phrases) for language, phrases in by_language.items()}
