"""Reads the catalogue's table once: one row a variety, tab-separated, `#` opens a heading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from pipeline.dialects import derived
from pipeline.dialects.varieties import Dialect

TABLE_NAME = "catalogue.tsv"
COLUMNS = (
    "tag",
    "aliases",
    "iso639_3",
    "english_name",
    "own_name",
    "other_names",
    "scripts",
    "parent",
    "countries",
    "token",
    "nearest_token",
    "drafted",
    "longest_ms",
    "profile",
    "regions",
    "labels",
)


@cache
def load_catalogue() -> tuple[Dialect, ...]:
    """Every variety, in the order of the table."""
    table = files("pipeline.dialects").joinpath(TABLE_NAME).read_text(encoding="utf-8")
    return tuple(read_rows(table.splitlines()))


@cache
def dialects_by_key() -> Mapping[str, Dialect]:
    """Each variety under its tag and its aliases, in the form that `tag_key` gives."""
    keyed = ((tag_key(tag), dialect) for dialect in load_catalogue() for tag in (dialect.tag, *dialect.aliases))
    return MappingProxyType(dict(keyed))


def tag_key(tag: str) -> str:
    """A tag as it is looked up: BCP 47 tags are the same in any case, and many tools write `_` for `-`."""
    return tag.strip().replace("_", "-").casefold()


def read_rows(lines: Iterable[str]) -> Iterator[Dialect]:
    """Varieties from the lines of a table; blank lines and `#` headings are passed over.

    Raises:
        ValueError: the heading or a row has other columns than `COLUMNS`.
    """
    rows = ((number, line.split("\t")) for number, line in enumerate(lines, 1) if line and not line.startswith("#"))
    _, heading = next(rows, (0, []))
    if tuple(heading) != COLUMNS:
        raise ValueError(f"{TABLE_NAME}: heading is {heading!r}, expected {list(COLUMNS)!r}")
    for number, fields in rows:
        if len(fields) != len(COLUMNS):
            raise ValueError(f"{TABLE_NAME}, line {number}: {len(fields)} fields, expected {len(COLUMNS)}: {fields!r}")
        yield _read_row(dict(zip(COLUMNS, fields, strict=True)), number)


def _read_row(row: Mapping[str, str], number: int) -> Dialect:
    drafted = row["drafted"]
    if drafted not in ("yes", "no"):
        raise ValueError(f"{TABLE_NAME}, line {number}: drafted is {drafted!r}, expected 'yes' or 'no'")
    scripts = _split(row["scripts"])
    script = scripts[0]
    return Dialect(
        tag=row["tag"],
        iso639_3=row["iso639_3"],
        english_name=row["english_name"],
        own_name=row["own_name"],
        scripts=scripts,
        direction=derived.writing_direction(script),
        parent=row["parent"] or None,
        countries=_split(row["countries"]),
        regions=_split(row["regions"]),
        whisper_token=row["token"] or None,
        nearest_token=row["nearest_token"] or None,
        is_drafted=drafted == "yes",
        prompt=derived.prompt(row["iso639_3"], script),
        longest_segment_ms=int(row["longest_ms"] or derived.longest_segment_ms(script)),
        scoring_unit=derived.scoring_unit(script),
        profile=row["profile"],
        other_names=_split(row["other_names"]),
        aliases=_split(row["aliases"]),
        labels=_split(row["labels"]),
    )


def _split(field: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in field.split(";") if part.strip())
