"""What transcription tiers hold beside words: event tags, speaker marks, alternatives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from pipeline.errors import PipelineError
from pipeline.text.rules import RuleApplication


class TagKind(StrEnum):
    """What a tag says of the sound."""

    NOISE = "noise"
    LAUGHTER = "laughter"
    MUSIC = "music"
    SILENCE = "silence"
    UNCLEAR = "unclear"
    """Speech that cannot be understood."""
    OVERLAP = "overlap"
    """Several people at once."""
    FOREIGN = "foreign"
    """Speech in another language."""
    TRUNCATED = "truncated"
    """A word cut off by the edge of the recording."""
    REDACTED = "redacted"
    """Personal matter left out."""
    SPEAKER = "speaker"
    """Who speaks from here on."""


@dataclass(frozen=True, slots=True)
class Words:
    """Text as it was written, with nothing but words and punctuation."""

    text: str


@dataclass(frozen=True, slots=True)
class Tag:
    """`[noise]`, `<noise>`, `[/noise]` or a speaker mark: `[S1]`, or `S1:` at the beginning of a line."""

    kind: TagKind
    written: str

    @property
    def token(self) -> str:
        """How the tag is scored where it is kept: `[noise]`, whatever it was called; a speaker mark by its name."""
        return f"[{self.written.strip('[]<>/: ').lower()}]" if self.kind is TagKind.SPEAKER else f"[{self.kind}]"


@dataclass(frozen=True, slots=True)
class Alternatives:
    """`{ a / b / @ }`: spellings or readings that are all right; an empty branch stands for saying nothing."""

    branches: tuple[tuple[Element, ...], ...]


Element = Words | Tag | Alternatives


class TagSyntaxError(PipelineError):
    """Braces that do not match."""


KIND_OF_NAME: Mapping[str, TagKind] = MappingProxyType(
    {kind.value: kind for kind in TagKind if kind is not TagKind.SPEAKER}
    | dict.fromkeys(("background", "background noise", "noises", "cough", "breath", "click"), TagKind.NOISE)
    | dict.fromkeys(("laugh", "laughs", "laughing"), TagKind.LAUGHTER)
    | dict.fromkeys(("song", "singing"), TagKind.MUSIC)
    | dict.fromkeys(("pause", "no speech"), TagKind.SILENCE)
    | dict.fromkeys(("unintelligible", "inaudible", "unk", "unknown"), TagKind.UNCLEAR)
    | dict.fromkeys(("overlapping", "crosstalk"), TagKind.OVERLAP)
    | dict.fromkeys(("foreign language", "code switch", "cs"), TagKind.FOREIGN)
    | dict.fromkeys(("cut", "cut off"), TagKind.TRUNCATED)
    | dict.fromkeys(("pii", "name", "phone", "address"), TagKind.REDACTED)
)
"""Name in lower case with spaces -> kind. The set is closed: any other word in brackets is a word, and is scored."""

_SPEAKER = r"(?:s|spk|speaker)[ _-]?\d{1,3}"
_TAG = re.compile(
    r"[\[<]/?(?P<name>[A-Za-z][A-Za-z0-9 _-]*)/?[\]>]" rf"|^[^\S\n]*(?P<turn>{_SPEAKER})[^\S\n]*:",
    re.IGNORECASE | re.MULTILINE,
)
_SPEAKER_NAME = re.compile(_SPEAKER, re.IGNORECASE)
# A slash between words parts branches; one inside a word does so only where no branch was parted otherwise.
_BRACE_OR_SLASH = re.compile(r"[{}]|(?<![^\s{])/(?![^\s}])")
_SIGNS = ("[", "<", "{", "}", ":")
MOST_NESTED = 20
"""Alternatives within alternatives; deeper than anybody writes them by hand."""
NOTHING = "@"
"""The branch that stands for saying nothing."""


def may_have_markup(text: str) -> bool:
    """False where a text surely has neither tags nor alternatives: a quick test before parsing."""
    return any(sign in text for sign in _SIGNS)


def parse_tags(text: str) -> tuple[Words | Tag, ...]:
    """Words and tags of a text in order; braces are words. Never raises."""
    elements: list[Words | Tag] = []
    end = 0
    for found in _TAG.finditer(text):
        kind = _kind_of(found["name"] or found["turn"])
        if kind is None:
            continue
        elements += [Words(text[end : found.start()]), Tag(kind, found[0].strip())]
        end = found.end()
    elements.append(Words(text[end:]))
    return tuple(element for element in elements if not isinstance(element, Words) or element.text.strip())


def parse_alternatives(text: str) -> tuple[Element, ...]:
    """Words, tags and alternatives of a text in order; alternatives may hold others.

    One branch alone, as in `{word}`, is no alternative but its own words.

    Raises: TagSyntaxError naming the position of a brace without its partner, or nested too deep.
    """
    branches_of: list[list[list[Element]]] = [[[]]]
    opened: list[int] = []
    end = 0
    for found in _BRACE_OR_SLASH.finditer(text):
        if found[0] == "/" and not opened:
            continue
        branches_of[-1][-1] += parse_tags(text[end : found.start()])
        end = found.end()
        if found[0] == "{":
            if len(opened) == MOST_NESTED:
                raise TagSyntaxError(
                    f"'{{' at character {found.start() + 1} is nested deeper than {MOST_NESTED} times."
                )
            opened.append(found.start())
            branches_of.append([[]])
        elif found[0] == "/":
            branches_of[-1].append([])
        else:
            if not opened:
                raise TagSyntaxError(f"'}}' at character {found.start() + 1} of {text!r} has no '{{' before it.")
            opened.pop()
            group = branches_of.pop()
            branches_of[-1][-1] += _alternatives(group)
    if opened:
        raise TagSyntaxError(f"'{{' at character {opened[-1] + 1} of {text!r} has no '}}' after it.")
    return (*branches_of[0][0], *parse_tags(text[end:]))


def first_reading(elements: tuple[Element, ...]) -> Iterator[Words | Tag]:
    """Words and tags, with the first branch of each alternative: what is shown, delivered and trained on."""
    for element in elements:
        if isinstance(element, Alternatives):
            yield from first_reading(element.branches[0])
        else:
            yield element


def spoken_text(text: str) -> str:
    """A text without its tags, the first branch of each alternative: single spaces between words.

    Raises: TagSyntaxError for braces that do not match.
    """
    readings = first_reading(parse_alternatives(text))
    return " ".join(" ".join(element.text for element in readings if isinstance(element, Words)).split())


def markup_steps(text: str) -> tuple[RuleApplication, ...]:
    """What is done with the markup of a text before any rule: the first branches taken, the tags left out.

    Raises: TagSyntaxError for braces that do not match.
    """
    elements = parse_alternatives(text)
    reading = tuple(first_reading(elements))
    taken = text
    if any(isinstance(element, Alternatives) for element in elements):
        taken = " ".join(element.written if isinstance(element, Tag) else element.text.strip() for element in reading)
    left_out = [element.written for element in reading if isinstance(element, Tag)]
    words = " ".join(element.text.strip() for element in reading if isinstance(element, Words))
    steps = (
        RuleApplication(
            "alternatives", "of alternatives the first is shown; in scores the nearest counts", text, taken
        ),
        RuleApplication("tags", f"left out: {' '.join(left_out)}", taken, words if left_out else taken),
    )
    return tuple(step for step in steps if step.before != step.after)


def _alternatives(group: list[list[Element]]) -> list[Element]:
    """The elements that a group in braces stands for."""
    only = group[0]
    if len(group) == 1 and len(only) == 1 and isinstance(only[0], Words) and "/" in only[0].text:
        group = [[Words(branch)] for branch in only[0].text.split("/")]
    if len(group) == 1:
        return only
    return [Alternatives(tuple(tuple(element for element in branch if not _is_nothing(element)) for branch in group))]


def _is_nothing(element: Element) -> bool:
    return isinstance(element, Words) and element.text.strip() in ("", NOTHING)


def _kind_of(name: str) -> TagKind | None:
    """What a name in brackets stands for; None where it is no tag."""
    if _SPEAKER_NAME.fullmatch(name):
        return TagKind.SPEAKER
    return KIND_OF_NAME.get(" ".join(re.split(r"[ _-]+", name.lower())).strip())
