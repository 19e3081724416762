"""NIST STM: segments with speaker, times and labels.

Source: NIST SCTK, doc/infmts.htm, "stm".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from models.values import Span
from pipeline.transcripts.lines import Source, numbered_lines
from pipeline.transcripts.times import milliseconds, span_of
from pipeline.transcripts.values import About, Utterance, tidy, timed_id

_IGNORED = "IGNORE_TIME_SEGMENT_IN_SCORING"
_GAP = "inter_segment_gap"
_GENDERS = {"male": "male", "female": "female", "m": "male", "f": "female"}
_N_FIELDS = 5


def read(source: Source) -> Iterator[Utterance]:
    """One utterance a line: `recording channel speaker begin end [<labels>] words`; `;;` begins a comment.

    The gender is taken from the labels where one of them says male or female. Segments that are to be ignored are
    read, and marked as not scored. Speakers who begin at once are told apart in the id by their names.
    """
    yield from _told_apart(list(_segments(source)))


def _told_apart(segments: Sequence[Utterance]) -> Iterator[Utterance]:
    """Segments of one recording, channel and start with the speaker in the id; where that is one too, with the end."""
    starts = Counter(segment.id for segment in segments)
    speakers = Counter((segment.id, segment.about.speaker) for segment in segments)
    for segment in segments:
        if starts[segment.id] == 1:
            yield segment
            continue
        end = f":{segment.span.end_ms}" if segment.span and speakers[segment.id, segment.about.speaker] > 1 else ""
        yield replace(segment, id=f"{segment.id}:{segment.about.speaker}{end}")


def _segments(source: Source) -> Iterator[Utterance]:
    name = source.name
    for number, line in numbered_lines(source):
        if not line.strip() or line.startswith(";;"):
            continue
        fields = line.split(maxsplit=_N_FIELDS)
        if len(fields) < _N_FIELDS:
            raise source.fault(
                number, f"{len(fields)} fields; expected `recording channel speaker begin end [<labels>] words`"
            )
        span = _span(source, number, fields[3], fields[4])
        labels, text = _labels_and_text(fields[5] if len(fields) > _N_FIELDS else "")
        recording, channel, speaker = map(tidy, fields[:3])
        yield Utterance(
            timed_id(recording, channel, span.start_ms),
            text,
            name,
            number,
            About(speaker=speaker, gender=next((_GENDERS[label] for label in labels if label in _GENDERS), None)),
            recording=recording,
            channel=channel,
            span=span,
            is_scored=_IGNORED not in text.upper() and speaker.lower() != _GAP,
        )


def _span(source: Source, number: int, begin: str, end: str) -> Span:
    start_ms, end_ms = milliseconds(source, number, begin), milliseconds(source, number, end)
    return span_of(source, number, start_ms, end_ms)


def _labels_and_text(rest: str) -> tuple[list[str], str]:
    """`<o,f0,male> words` in two; the labels in lower case."""
    if not rest.startswith("<") or ">" not in rest:
        return [], rest.strip()
    labels, text = rest[1:].split(">", maxsplit=1)
    return [label.strip().lower() for label in labels.split(",")], text.strip()
