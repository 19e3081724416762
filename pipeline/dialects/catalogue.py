"""The catalogue: every variety, one by its tag, and those that fit a query."""

from __future__ import annotations

from pipeline.dialects.loading import dialects_by_key, load_catalogue, tag_key
from pipeline.dialects.varieties import Dialect, Direction, ScoringUnit
from pipeline.errors import UnknownDialect

__all__ = ["Dialect", "Direction", "ScoringUnit", "all_dialects", "find_dialects", "get_dialect", "unknown_dialect"]


def all_dialects() -> tuple[Dialect, ...]:
    """Every variety, in catalogue order."""
    return load_catalogue()


def get_dialect(tag: str) -> Dialect:
    """The variety with this tag or alias, or with this English or own name where no other has it; in any case.

    Raises:
        UnknownDialect: no variety has it; the message names the nearest three.
    """
    dialect = dialects_by_key().get(tag_key(tag)) or _named(tag)
    if dialect is None:
        raise unknown_dialect(tag)
    return dialect


def _named(name: str) -> Dialect | None:
    from pipeline.dialects.search import dialects_by_name, folded

    return dialects_by_name().get(folded(name))


def find_dialects(query: str) -> list[Dialect]:
    """Varieties whose names in any script, codes or districts match, best first; all for a blank query."""
    from pipeline.dialects.search import ranked_matches

    return ranked_matches(load_catalogue(), query)


def unknown_dialect(text: str) -> UnknownDialect:
    """The error for a tag or name that the catalogue does not have; its message names the nearest three varieties."""
    from pipeline.dialects.search import nearest

    names = "; ".join(f"{dialect.tag} ({dialect.english_name})" for dialect in nearest(load_catalogue(), text, limit=3))
    return UnknownDialect(
        f"the catalogue has no dialect {text!r}; expected a BCP 47 tag, or an English or own name that one variety "
        f"alone has. Nearest: {names}. "
        "`boli dialects` lists them all"
    )
