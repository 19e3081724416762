"""What clients call their files: kept to be shown, never used as a path."""

from __future__ import annotations

import re
import unicodedata

MOST_CHARACTERS = 500
NAMELESS = "recording"
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_SEPARATORS = re.compile(r"[/\\]+")


def tidy_name(written: str) -> str:
    """A client's name of a file that can be stored, listed and shown without harm.

    Names of folders stay before it, but nothing leads upwards. Control characters and those that turn the direction of
    text become U+FFFD, bytes that were no Unicode become `%C4`. A name that is too long loses its beginning.
    """
    readable = "".join(_readable(letter) for letter in unicodedata.normalize("NFC", written))
    parts = [part for part in _SEPARATORS.split(_TURNS.sub("\ufffd", readable)) if part.strip() not in ("", ".", "..")]
    return "/".join(parts)[-MOST_CHARACTERS:] or NAMELESS


def _readable(letter: str) -> str:
    if "\udc80" <= letter <= "\udcff":
        return f"%{ord(letter) - 0xDC00:02X}"
    return "\ufffd" if unicodedata.category(letter) in ("Cc", "Cs") else letter
