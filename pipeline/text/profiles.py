"""Scoring profiles: what counts as the same spelling, per script and language, at three levels."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from pipeline.dialects.catalogue import ScoringUnit
from pipeline.errors import PipelineError
from pipeline.text.normaliser import Normaliser
from pipeline.text.profile import Level, Profile
from pipeline.text.profile_catalogue import build_profiles
from pipeline.text.rules import RuleApplication
from pipeline.text.tokens import TOKENS_OF, word_tokens

__all__ = [
    "Level",
    "Profile",
    "RuleApplication",
    "UnknownProfile",
    "all_profiles",
    "explain",
    "get_profile",
    "normalise",
    "normalise_all",
    "tokens_all",
]


class UnknownProfile(PipelineError):
    """A profile name that does not exist."""


def get_profile(name: str) -> Profile:
    """The profile with this name, for instance `deva-hi/1`.

    Raises: UnknownProfile naming the nearest three.
    """
    profiles = all_profiles()
    if name not in profiles:
        nearest = difflib.get_close_matches(name, profiles, n=3, cutoff=0.0)
        raise UnknownProfile(f"No scoring profile {name!r}; the nearest are {', '.join(nearest)}.")
    return profiles[name]


@lru_cache(maxsize=1)
def all_profiles() -> Mapping[str, Profile]:
    """Every profile by name."""
    return MappingProxyType({profile.name: profile for profile in build_profiles()})


def normalise(text: str, profile: Profile, *, level: Level = Level.CANONICAL) -> str:
    """A text in the form in which it is scored; for many texts, `normalise_all` is faster.

    Words are parted by single spaces, in Han profiles Han characters as well. No string makes it raise, and
    normalising twice is normalising once.
    """
    return _normaliser(profile, level).normalise_all((text,))[0]


def normalise_all(texts: Sequence[str], profile: Profile, *, level: Level = Level.CANONICAL) -> list[str]:
    """Each text in the form in which it is scored, in order."""
    return _normaliser(profile, level).normalise_all(texts)


def tokens_all(texts: Sequence[str], profile: Profile, *, level: Level = Level.CANONICAL) -> list[list[str]]:
    """The scoring tokens of each text, in order, in the unit of the profile."""
    normalised = normalise_all(texts, profile, level=level)
    cut = word_tokens if profile.unit is ScoringUnit.MIXED and level is not Level.RAW else TOKENS_OF[profile.unit]
    return [cut(text) for text in normalised]


def explain(text: str, profile: Profile, *, level: Level = Level.CANONICAL) -> tuple[RuleApplication, ...]:
    """What each rule did to a text, in order; the last one leaves what `normalise` returns."""
    return _normaliser(profile, level).explain(text)


@lru_cache(maxsize=128)
def _normaliser(profile: Profile, level: Level) -> Normaliser:
    return Normaliser(profile.stages(level), closing=profile.closing(level), is_word_local=profile.is_word_local)
