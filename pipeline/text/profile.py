"""The values behind scoring profiles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.dialects.catalogue import ScoringUnit
from pipeline.text.rules import Rule
from pipeline.text.shared_rules import RAW_RULES
from pipeline.text.tags import TagKind


class Level(StrEnum):
    """How much difference in spelling is forgiven."""

    RAW = "raw"
    """NFC and white space only: for audit."""
    CANONICAL = "canonical"
    """The same spelling in other bytes, without case and punctuation: the headline."""
    LENIENT = "lenient"
    """Documented variation of spelling as well."""


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """How the text of one language in one script is made comparable. A change of its rules is a new version."""

    name: str
    """Script, language and version, for instance `deva-hi/1`."""
    unit: ScoringUnit
    canonical_rules: tuple[Rule, ...]
    lenient_rules: tuple[Rule, ...] = ()
    """Run on canonical text, so that what is equal at `canonical` is so at `lenient`; empty: the two are one."""
    closing_rules: tuple[Rule, ...] = ()
    """Run once, at the end of both levels."""
    is_word_local: bool = True
    """Whether no rule looks across white space."""
    kept_tags: frozenset[TagKind] = frozenset()
    """Tags that are scored as tokens; all others are left out."""

    @property
    def script(self) -> str:
        """ISO 15924 code."""
        return self.name.split("-")[0].title()

    @property
    def language(self) -> str:
        """ISO 639 code; `und` for any language of the script."""
        return self.name.split("-")[1].split("/")[0]

    def stages(self, level: Level) -> tuple[tuple[Rule, ...], ...]:
        """The groups of rules of a level, in the order in which they run; each is repeated until nothing changes."""
        if level is Level.RAW:
            return (RAW_RULES,)
        if level is Level.CANONICAL or not self.lenient_rules:
            return (self.canonical_rules,)
        return (self.canonical_rules, self.lenient_rules)

    def closing(self, level: Level) -> tuple[Rule, ...]:
        """The rules that run once, after the stages."""
        return () if level is Level.RAW else self.closing_rules
