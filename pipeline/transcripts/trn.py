"""NIST TRN: the words, then the id in parentheses.

Source: NIST SCTK, doc/infmts.htm, "trn".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.transcripts.lines import Source, numbered_lines
from pipeline.transcripts.values import Utterance, tidy

_LINE = re.compile(r"(.*)\(([^()]+)\)\s*", re.DOTALL)
_SYNTAX = str.maketrans(
    {"{": "｛", "}": "｝", "(": "（", ")": "）", "/": "／", "@": "＠", ";": "；", "<": "＜", ">": "＞", "*": "＊"}
)
"""What SCTK takes for its own notation -> the fullwidth sign. Braces within a word crash sclite 2.4 (espnet #1357)."""


def read(source: Source) -> Iterator[Utterance]:
    """One utterance a line; alternatives `{ a / b / @ }` stay in the text; lines that begin with `;;` are comments."""
    name = source.name
    for number, line in numbered_lines(source):
        if not line.strip() or line.startswith(";;"):
            continue
        found = _LINE.fullmatch(line)
        if not found:
            raise source.fault(number, "has no id; expected the words and then the id in parentheses: `words (id)`")
        yield Utterance(tidy(found[2]), found[1].strip(), name, number)


def render(utterances: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Ids with their tokens as a file that sclite can read: as many words as there are tokens.

    Signs that SCTK takes for notation become their fullwidth twins, and what could end an id becomes `_`.
    """
    return "".join(_line(id_, tokens) for id_, tokens in utterances)


def _line(id_: str, tokens: Iterable[str]) -> str:
    words = " ".join("_".join(token.translate(_SYNTAX).split()) for token in tokens)
    return f"{words} ({escaped_id(id_)})\n" if words else f"({escaped_id(id_)})\n"


def escaped_id(id_: str) -> str:
    """An id as it can stand in a TRN file: no white space and no parentheses."""
    return re.sub(r"[\s(){};]", "_", id_)
