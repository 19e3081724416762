"""The rewriting tables of all profiles, read from `tables.tsv`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType


def table(name: str) -> Mapping[str, str]:
    """The rewrites of one table, for instance `deva.vowel-letters`: what is typed -> what it stands for.

    Source: Unicode Standard chapter 12, "do not use" tables of vowel letters, and DoNotEmit.txt of the character
    database; typing orders and letter folds from the keyboards and fonts that produce them.
    """
    return _tables()[name]


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Mapping[str, str]]:
    """Every table by name, in the order of the file."""
    tables: dict[str, dict[str, str]] = {}
    rows = resources.files(__package__).joinpath("tables.tsv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
        tables.setdefault(row["table"], {})[_text(row["from"])] = _text(row["to"])
    return MappingProxyType({name: MappingProxyType(rewrites) for name, rewrites in tables.items()})


def _text(code_points: str) -> str:
    """`"0905 093E"` as the string of those code points."""
    return "".join(chr(int(code_point, 16)) for code_point in code_points.split())
