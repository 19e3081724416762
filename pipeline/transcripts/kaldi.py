"""Kaldi's `text`: an id, white space, the words.

Source: Kaldi documentation, "Data preparation": `text`, `utt2spk` and `spk2gender` of a data folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.transcripts.lines import Source, numbered_lines
from pipeline.transcripts.values import NOTHING_KNOWN, About, Utterance, tidy

_GENDERS = {"f": "female", "m": "male"}


def read(source: Source) -> Iterator[Utterance]:
    """One utterance a line; an id alone is an empty text. Speakers and genders come from the files beside `text`."""
    speakers = _pairs(source.path.with_name("utt2spk")) if source.path.name == "text" else {}
    genders = _pairs(source.path.with_name("spk2gender")) if speakers else {}
    name = source.name
    for number, line in numbered_lines(source):
        if not line.strip():
            continue
        first, *rest = line.split(maxsplit=1)
        id_ = tidy(first)
        about = NOTHING_KNOWN
        if speaker := speakers.get(id_):
            gender = genders.get(speaker)
            about = About(speaker=speaker, gender=_GENDERS.get(gender, gender) if gender else None)
        yield Utterance(id_, rest[0] if rest else "", name, number, about)


def _pairs(path: Path) -> dict[str, str]:
    """The two columns of a file that may be missing."""
    if not path.is_file():
        return {}
    source = Source(path)
    found: dict[str, str] = {}
    for number, line in numbered_lines(source):
        if not line.strip():
            continue
        cells = line.split()
        if len(cells) != 2:
            raise source.fault(number, f"{len(cells)} words; expected two")
        key, value = map(tidy, cells)
        if found.setdefault(key, value) != value:
            raise source.fault(number, f"{key!r} is {value!r}, but {found[key]!r} in a line before; expected one value")
    return found
