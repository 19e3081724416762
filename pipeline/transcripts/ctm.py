"""NIST CTM: one word a line with its time; the utterances are cut by the times of the reference.

Source: NIST SCTK, doc/infmts.htm, "ctm".
"""

from __future__ import annotations

from collections.abc import Iterator

from models.values import Word
from pipeline.transcripts.lines import Source, numbered_lines
from pipeline.transcripts.times import milliseconds, span_of
from pipeline.transcripts.values import Utterance, recording_key, tidy

_N_FIELDS = 5


def read(source: Source) -> Iterator[Utterance]:
    """One utterance a recording and channel: all its words, by time."""
    words: dict[tuple[str, str], list[Word]] = {}
    first_lines: dict[tuple[str, str], int] = {}
    for number, line in numbered_lines(source):
        if not line.strip() or line.startswith(";;"):
            continue
        recording, channel, word = _word(source, number, line)
        words.setdefault((recording, channel), []).append(word)
        first_lines.setdefault((recording, channel), number)
    for (recording, channel), spoken in words.items():
        ordered = tuple(sorted(spoken, key=lambda word: word.span.start_ms))
        yield Utterance(
            f"{recording_key(recording)}:{channel}",
            " ".join(word.text for word in ordered),
            source.name,
            first_lines[recording, channel],
            recording=recording,
            channel=channel,
            words=ordered,
        )


def _word(source: Source, number: int, line: str) -> tuple[str, str, Word]:
    fields = line.split()
    if len(fields) < _N_FIELDS:
        raise source.fault(
            number, f"{len(fields)} fields; expected `recording channel start duration word [confidence]`"
        )
    recording, channel, start, duration, text = map(tidy, fields[:_N_FIELDS])
    if text.upper().startswith("<ALT"):
        raise source.fault(number, f"{text}: alternatives in CTM are not read; keep one reading of each word")
    start_ms = milliseconds(source, number, start)
    span = span_of(source, number, start_ms, start_ms + milliseconds(source, number, duration))
    return recording, channel, Word(text, span)
