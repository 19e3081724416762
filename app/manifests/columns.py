"""What each column of a manifest may hold, and what becomes of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from app.manifests.facts import Facts
from app.manifests.faults import Fault
from app.manifests.languages import dialect_tag, language_tag

ALIASES = {"tag": "dialect", "draft": "transcript", "text": "transcript"}
"""Other names of columns."""
MOST_CHARACTERS = 200
MOST_TRANSCRIPT_CHARACTERS = 1_500_000
PRIORITIES = range(1, 1001)
_UNKNOWN = frozenset(("-", "?", "unknown", "n/a"))
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of the text around them, and so make one name look like another."""
_LINE_BREAKS = frozenset("\n\r\t")
_GENDERS = {
    "female": "female", "f": "female", "女": "female",
    "male": "male", "m": "male", "男": "male",
    "other": "other", "o": "other",
}  # fmt: skip
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_AGE_RANGE = re.compile(r"(\d{1,3})(?:[-\u2010-\u2013](\d{1,3})|\+)")
_AGE_DECADES = ("teens", "twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")


class CellInvalid(ValueError):
    """A cell that holds what it must not; the message says what was expected."""


def facts_of(cells: Mapping[str, str], line: int = 0) -> tuple[Facts, list[Fault]]:
    """What a row says of its recording, and everything that is wrong with it; columns of other names are passed over.

    cells: by column in lower case. A cell that is empty or says that nothing is known gives None.
    """
    known: dict[str, Any] = {}
    faults = []
    for column, written in cells.items():
        fact = ALIASES.get(column, column)
        if fact not in _CHECKS or is_unknown(written):
            continue
        try:
            value = _CHECKS[fact](written)
            if known.setdefault(fact, value) != value:
                raise CellInvalid(f"another column says {known[fact]!r:.80}; expected one of the two alone")
        except CellInvalid as error:
            faults.append(Fault(line, column, written, str(error)))
    return Facts(**known), faults


def is_unknown(written: str) -> bool:
    """Whether a cell says nothing."""
    return not written.strip() or written.strip().casefold() in _UNKNOWN


def _text(written: str) -> str:
    return _plain(written, most=MOST_CHARACTERS, allowed=frozenset())


def _transcript(written: str) -> str:
    return _plain(written, most=MOST_TRANSCRIPT_CHARACTERS, allowed=_LINE_BREAKS | _TURNS)


def _plain(written: str, *, most: int, allowed: frozenset[str]) -> str:
    if len(written) > most:
        raise CellInvalid(f"{len(written):,} characters; expected at most {most:,}")
    for character in written:
        is_control = unicodedata.category(character) in ("Cc", "Cs") or character in _TURNS
        if is_control and character not in allowed:
            raise CellInvalid(f"holds the control character U+{ord(character):04X}; expected text without any")
    return unicodedata.normalize("NFC", written).strip()


def _country(written: str) -> str:
    if not _COUNTRY.fullmatch(written):
        raise CellInvalid("expected two letters, such as IN or CN (ISO 3166-1)")
    return written.upper()


def _gender(written: str) -> str:
    gender = _GENDERS.get(written.casefold())
    if gender is None:
        raise CellInvalid("expected female, male or other, or nothing where it is unknown")
    return gender


def _age_band(written: str) -> str:
    decade = written.casefold()
    if decade in _AGE_DECADES:
        return decade
    ages = _AGE_RANGE.fullmatch(written)
    if ages is None or (ages[2] and int(ages[1]) >= int(ages[2])):
        raise CellInvalid("expected a band such as 31-45, 60+ or twenties")
    return f"{int(ages[1])}-{int(ages[2])}" if ages[2] else f"{int(ages[1])}+"


def _priority(written: str) -> int:
    if not (written.isascii() and written.isdigit() and len(written) <= 4 and int(written) in PRIORITIES):
        raise CellInvalid(f"expected a whole number from {PRIORITIES[0]} (soonest) to {PRIORITIES[-1]}")
    return int(written)


def _due_at(written: str) -> datetime:
    """A day ends with its last second in UTC."""
    expected = "expected a day such as 2026-12-31, or a moment with its time zone such as 2026-12-31T18:00+05:30"
    try:
        if len(written) == len("2026-12-31"):
            return datetime.combine(date.fromisoformat(written), time(23, 59, 59), UTC)
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is None:
            raise CellInvalid(expected)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise CellInvalid(expected) from error


def _dialect(written: str) -> str:
    return _told(dialect_tag, written)


def _first_language(written: str) -> str:
    return _told(language_tag, written)


def _told(find: Callable[[str], str], written: str) -> str:
    try:
        return find(_text(written))
    except LookupError as error:
        raise CellInvalid(str(error.args[0])) from error


_CHECKS: Mapping[str, Callable[[str], Any]] = {
    "dialect": _dialect, "country": _country, "state_or_province": _text, "district": _text,
    "speaker": _text, "gender": _gender, "age_band": _age_band, "first_language": _first_language,
    "consent_reference": _text, "device": _text, "environment": _text, "client_reference": _text,
    "priority": _priority, "due_at": _due_at, "transcript": _transcript,
}  # fmt: skip
