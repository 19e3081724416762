"""JSON Lines: one object an utterance, what `boli transcribe` writes, or one object a recording with its utterances."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from models.values import Word
from pipeline.transcripts import columns
from pipeline.transcripts.lines import Source, numbered_lines
from pipeline.transcripts.table import utterance_of
from pipeline.transcripts.times import span_of
from pipeline.transcripts.values import Utterance, tidy

_UTTERANCES = "utterances"


def read(source: Source) -> Iterator[Utterance]:
    """The keys are the columns of a table; `text` may be null, where nothing was drafted: an empty text.

    `words` are objects with text, start_ms and end_ms; they are what a reference with other times is met by.
    """
    for number, line in numbered_lines(source):
        if not line.strip():
            continue
        record = _object(source, number, line)
        if _UTTERANCES in record:
            yield from _nested(source, number, record)
        else:
            yield _utterance(source, number, record)


def _nested(source: Source, number: int, record: dict[str, Any]) -> Iterator[Utterance]:
    whole = {key: value for key, value in record.items() if key != _UTTERANCES}
    parts = record[_UTTERANCES]
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise source.fault(number, f"{_UTTERANCES} is no list of objects")
    for part in parts:
        yield _utterance(source, number, whole | part)


def _utterance(source: Source, number: int, record: Mapping[str, Any]) -> Utterance:
    if not any(name in record for name in columns.TEXT):
        raise source.fault(number, f"has no text; expected one of the keys {', '.join(columns.TEXT)}")
    cells = {key: _cell(source, number, key, value) for key, value in record.items() if key != "words"}
    (utterance,) = utterance_of(source, number, cells)
    words = record.get("words")
    if not words:
        return utterance
    return Utterance(
        utterance.id,
        utterance.text,
        utterance.file,
        utterance.line,
        utterance.about,
        recording=utterance.recording,
        channel=utterance.channel,
        span=utterance.span,
        words=_words(source, number, words),
    )


def _object(source: Source, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise source.fault(number, f"not JSON: {error}; expected one object a line") from error
    if not isinstance(record, dict):
        raise source.fault(number, f"{type(record).__name__}; expected one JSON object a line")
    return {tidy(key).lower(): value for key, value in record.items()}


def _cell(source: Source, number: int, key: str, value: object) -> str:
    """A value as a cell of a table."""
    if value is None:
        return ""
    if key in columns.TEXT and not isinstance(value, str):
        raise source.fault(number, f"{key} is {json.dumps(value)[:40]}; expected a string or null")
    return value if isinstance(value, str) else json.dumps(value)


def _words(source: Source, number: int, words: object) -> tuple[Word, ...]:
    """Words with times; none where the objects are of another kind."""
    if not isinstance(words, list):
        return ()
    timed = []
    for word in words:
        match word:
            case {"text": str(text), "start_ms": int(start_ms), "end_ms": int(end_ms)}:
                timed.append(Word(text, span_of(source, number, start_ms, end_ms)))
            case _:
                return ()
    return tuple(timed)
