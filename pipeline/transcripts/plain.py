"""Plain text: line n of one file belongs to line n of the other."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.transcripts.lines import Source, numbered_lines
from pipeline.transcripts.values import Utterance


def read(source: Source) -> Iterator[Utterance]:
    """One utterance a line, empty lines too; the id is the number of the line, in a folder `file:number`."""
    prefix = f"{source.prefix}:" if source.prefix else ""
    recording = source.prefix or None
    name = source.name
    for number, text in numbered_lines(source):
        yield Utterance(f"{prefix}{number}", text, name, number, recording=recording)
