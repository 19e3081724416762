"""Text where it comes in: from bytes to NFC, and what a person should be told about it."""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from pipeline.errors import PipelineError
from pipeline.text.scripts import LATIN, letters_by_script

MAX_TEXT_BYTES = 200 * 1024 * 1024
"""A larger file is no transcript: a thousand hours at 15 characters a second, three bytes each, are 160 MB."""
LONGEST_SEGMENT_CHARS = 2_000
"""Half a minute of the fastest speech has some 900 characters in any script."""
LEAST_FOREIGN_LETTERS = 3
"""One or two stray letters are a slip of the keyboard, not another script."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


class TextUnreadable(PipelineError):
    """Bytes that are not the text of a transcript; `line` is None where the whole is meant."""

    def __init__(self, source: str, reason: str, *, line: int | None = None) -> None:
        place = source if line is None else f"{source}, line {line}"
        super().__init__(f"{place}: {reason}")
        self.source = source
        self.line = line


class TextConcern(StrEnum):
    """What may be wrong with a text that can be read."""

    FOREIGN_SCRIPT = "foreign-script"
    LATIN_ONLY = "latin-only"
    TOO_LONG = "too-long"
    REPLACEMENT_CHARACTER = "replacement-character"
    UNPAIRED_SURROGATE = "unpaired-surrogate"
    PRIVATE_USE = "private-use"


@dataclass(frozen=True, slots=True)
class TextWarning:
    """One concern, in words that name what was found."""

    concern: TextConcern
    message: str


def decoded(content: bytes, *, source: str, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """The text of a UTF-8 file: without a byte-order mark, line ends as line feeds, NFC.

    source: its name, for the message.

    Raises: TextUnreadable naming file and line for invalid UTF-8, another encoding, a null character, too many bytes.
    """
    if len(content) > max_bytes:
        raise TextUnreadable(source, f"it has {len(content):,} bytes; at most {max_bytes:,} are read at once")
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            raise TextUnreadable(source, f"it is in {encoding}; expected UTF-8. Save it again as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        found = f"byte 0x{content[fault.start]:02x}"
        raise TextUnreadable(source, f"{found} is not UTF-8; expected UTF-8 text", line=line) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise TextUnreadable(source, "a null character; expected text, this looks like a binary file", line=line)
    return at_edge(text)


def at_edge(text: str) -> str:
    """A text as it is stored: NFC, line ends as line feeds. Nothing else is changed."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def warnings_for(
    text: str, *, scripts: frozenset[str], longest_chars: int = LONGEST_SEGMENT_CHARS
) -> tuple[TextWarning, ...]:
    """What a person should look at in the text of one segment; empty where nothing is odd.

    scripts: ISO 15924 codes that the variety is written in. Latin letters beside them are code-mixing and no concern,
    but a text of Latin letters alone is.
    """
    return (*_script_warnings(text, scripts), *_character_warnings(text), *_length_warnings(text, longest_chars))


def _script_warnings(text: str, scripts: frozenset[str]) -> list[TextWarning]:
    wanted = {"Hani" if script in ("Hans", "Hant") else script for script in scripts}
    counts = letters_by_script(text)
    foreign = {script: n for script, n in counts.items() if script not in wanted and script != LATIN}
    expected = " or ".join(sorted(scripts))
    if sum(foreign.values()) >= LEAST_FOREIGN_LETTERS:
        found = ", ".join(f"{n} in {script}" for script, n in foreign.items())
        return [TextWarning(TextConcern.FOREIGN_SCRIPT, f"letters of another script: {found}; expected {expected}")]
    if counts.get(LATIN, 0) >= LEAST_FOREIGN_LETTERS and LATIN not in wanted and not wanted & counts.keys():
        return [TextWarning(TextConcern.LATIN_ONLY, f"Latin letters alone; expected {expected}")]
    return []


_ODD_CATEGORIES = {
    "Cs": (TextConcern.UNPAIRED_SURROGATE, "half of a character, which cannot be stored"),
    "Co": (TextConcern.PRIVATE_USE, "a private-use character, which only one font shows"),
}


def _character_warnings(text: str) -> list[TextWarning]:
    warnings = []
    if "\ufffd" in text:
        message = f"{text.count(chr(0xFFFD))} replacement characters: the text was damaged before it came here"
        warnings.append(TextWarning(TextConcern.REPLACEMENT_CHARACTER, message))
    for char in dict.fromkeys(text):
        odd = _ODD_CATEGORIES.get(unicodedata.category(char))
        if odd is not None:
            warnings.append(TextWarning(odd[0], f"U+{ord(char):04X} is {odd[1]}"))
    return warnings


def _length_warnings(text: str, longest_chars: int) -> list[TextWarning]:
    if len(text) <= longest_chars:
        return []
    message = f"{len(text):,} characters in one segment; at most {longest_chars:,} can be spoken in one"
    return [TextWarning(TextConcern.TOO_LONG, message)]
