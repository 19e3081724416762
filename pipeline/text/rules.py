"""A normalisation rule: a name, a reason, and what it does to a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import regex


@dataclass(frozen=True, slots=True)
class Rule:
    """One named step of a profile.

    A rule never touches a line feed and never looks across one, so that many texts, one a line, can go through at once.
    """

    name: str
    why: str
    apply: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class RuleApplication:
    """What one rule did to one text."""

    rule: str
    why: str
    before: str
    after: str


def rewriting(name: str, why: str, rewrites: Mapping[str, str]) -> Rule:
    """A rule that replaces each key by its value, the longest key first."""
    keys = sorted(rewrites, key=lambda key: (-len(key), key))
    pattern = re.compile("|".join(map(re.escape, keys)))
    mapping = dict(rewrites)

    def apply(text: str) -> str:
        return pattern.sub(lambda found: mapping[found[0]], text)

    return Rule(name, why, apply)


def substitution(name: str, why: str, pattern: str, replacement: str | Callable[[str], str]) -> Rule:
    """A rule that replaces each match of a pattern, by a template or by a function of the matched text."""
    # The standard library's engine is several times as fast, but knows no Unicode properties.
    substitute: Callable[..., str] = (
        regex.compile(pattern, regex.VERSION1).sub if r"\p" in pattern else re.compile(pattern).sub
    )
    if isinstance(replacement, str):
        return Rule(name, why, lambda text: substitute(replacement, text))
    return Rule(name, why, lambda text: substitute(lambda found: replacement(found[0]), text))


def deletion(name: str, why: str, pattern: str) -> Rule:
    """A rule that leaves out each match of a pattern."""
    return substitution(name, why, pattern, "")
