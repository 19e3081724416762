"""References and hypotheses as pairs: by id, by the times of words, or recording by recording."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from models.values import Span, Word
from pipeline.transcripts.overlaps import shared_out
from pipeline.transcripts.reading import Kind, Transcripts
from pipeline.transcripts.values import About, TranscriptInvalid, Utterance, recording_key

Track = tuple[str, str]
"""Key of a recording, channel."""
_FIRST_CHANNEL = "1"
_NO_SPAN = Span(0, 1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A reference and what was heard instead."""

    id: str
    reference: str
    hypothesis: str
    about: About
    recording: str | None
    file: str
    line: int
    """Where the reference stands."""

    @property
    def place(self) -> str:
        """File and line, for messages."""
        return f"{self.file}: line {self.line}"


@dataclass(frozen=True, slots=True)
class Matching:
    """The pairs, and what has no partner."""

    pairs: tuple[Pair, ...]
    without_hypothesis: tuple[Utterance, ...] = ()
    without_reference: tuple[Utterance, ...] = ()
    n_ignored: int = 0
    """References that their file marks as not to be scored."""


def match(references: Transcripts, hypotheses: Transcripts) -> Matching:
    """Each reference with the hypothesis of its id, in the order of the references.

    Where a hypothesis has words with times (CTM, or JSON Lines of Boli) and the references of its recording have times
    of their own that are not its, its words go to the references in which their middle lies (where speakers overlap,
    see `pipeline.transcripts.overlaps`). Where a reference is a whole recording, the hypotheses of that recording are
    joined, a space between them, in order of time.

    Raises:
        TranscriptInvalid: two plain texts of different length, or one plain text beside a format with ids.
    """
    _check_lines(references, hypotheses)
    heard = _joined(references.utterances, _cut_anew(references.utterances, hypotheses.utterances))
    by_id = {utterance.id: utterance for utterance in heard}
    pairs, missing, n_ignored = [], [], 0
    for reference in references.utterances:
        hypothesis = by_id.pop(reference.id, None)
        if not reference.is_scored:
            n_ignored += 1
        elif hypothesis is None:
            missing.append(reference)
        else:
            pairs.append(pair_of(reference, hypothesis))
    return Matching(tuple(pairs), tuple(missing), tuple(by_id.values()), n_ignored)


def pair_of(reference: Utterance, hypothesis: Utterance) -> Pair:
    """A pair; what the reference does not say of the speaker is taken from the hypothesis."""
    return Pair(
        reference.id,
        reference.text,
        hypothesis.text,
        reference.about.filled_from(hypothesis.about),
        reference.recording or hypothesis.recording,
        reference.file,
        reference.line,
    )


def _check_lines(references: Transcripts, hypotheses: Transcripts) -> None:
    kinds = {references.kind, hypotheses.kind}
    if Kind.PLAIN not in kinds:
        return
    if len(kinds) > 1:
        raise TranscriptInvalid(
            f"{references.name} is {references.kind} and {hypotheses.name} is {hypotheses.kind}: plain text has no ids "
            "to match by; expected both as plain text, or both in formats with ids"
        )
    ours, theirs = (_line_counts(side.utterances) for side in (references, hypotheses))
    for key in ours.keys() & theirs.keys():
        (n_ours, file), (n_theirs, other) = ours[key], theirs[key]
        if n_ours != n_theirs:
            raise TranscriptInvalid(
                f"{file} has {n_ours} lines and {other} has {n_theirs}; expected as many, line n of one for line n of "
                f"the other: line {min(n_ours, n_theirs) + 1} has no partner"
            )


def _line_counts(utterances: Iterable[Utterance]) -> dict[str | None, tuple[int, str]]:
    """Name within a folder (None for a single file) -> lines, file."""
    counts = Counter((utterance.recording, utterance.file) for utterance in utterances)
    return {recording: (n_lines, file) for (recording, file), n_lines in counts.items()}


def _track(utterance: Utterance) -> Track:
    return recording_key(utterance.recording or ""), utterance.channel or _FIRST_CHANNEL


def _cut_anew(references: Sequence[Utterance], hypotheses: Sequence[Utterance]) -> list[Utterance]:
    """The hypotheses, those of a track whose references have other times by these times."""
    ours: dict[Track, list[Utterance]] = defaultdict(list)
    for reference in references:
        if reference.recording and reference.span:
            ours[_track(reference)].append(reference)
    theirs: dict[Track, list[Utterance]] = defaultdict(list)
    for hypothesis in hypotheses:
        if hypothesis.recording:
            theirs[_track(hypothesis)].append(hypothesis)
    whole = {track for track in ours.keys() & theirs.keys() if _is_cut_otherwise(ours[track], theirs[track])}
    if not whole:
        return list(hypotheses)
    kept = [each for each in hypotheses if not each.recording or _track(each) not in whole]
    return kept + [cut for track in sorted(whole) for cut in _cut(ours[track], theirs[track])]


def _is_cut_otherwise(references: Sequence[Utterance], hypotheses: Sequence[Utterance]) -> bool:
    """Whether ids cannot match and every text has the times of its words."""
    ours, theirs = {each.id for each in references}, {each.id for each in hypotheses}
    if ours <= theirs or theirs <= ours:
        return False
    return all(each.words or not each.text.strip() for each in hypotheses) and any(each.words for each in hypotheses)


def _cut(references: list[Utterance], hypotheses: list[Utterance]) -> list[Utterance]:
    """The words of one track as one hypothesis a reference; words outside all of them as hypotheses of their own."""
    references.sort(key=lambda reference: reference.span or _NO_SPAN)
    inside, outside = shared_out(references, (word for each in hypotheses for word in each.words))
    source = hypotheses[0]
    cut = [
        replace(source, id=references[place].id, text=_text(spoken), words=(), span=references[place].span)
        for place, spoken in enumerate(inside)
    ]
    if outside:
        name = f"{references[0].recording}: words outside every reference"
        cut.append(replace(source, id=name, text=_text(outside), words=(), span=outside[0].span))
    return cut


def _joined(references: Sequence[Utterance], hypotheses: Sequence[Utterance]) -> list[Utterance]:
    """The hypotheses, joined where a reference without one is their whole recording or one channel of it."""
    known = {hypothesis.id for hypothesis in hypotheses}
    whole = {_whole_of(reference): reference.id for reference in references if reference.id not in known}
    wanted = {reference.id for reference in references}
    parts: dict[str, list[Utterance]] = defaultdict(list)
    kept: list[Utterance] = []
    for hypothesis in hypotheses:
        recording, channel = recording_key(hypothesis.recording or hypothesis.id), hypothesis.channel or _FIRST_CHANNEL
        target = whole.get((recording, channel)) or whole.get((recording, None))
        (parts[target] if target and hypothesis.id not in wanted else kept).append(hypothesis)
    for target, pieces in parts.items():
        pieces.sort(key=lambda piece: (piece.channel or "", piece.span or _NO_SPAN))
        text = " ".join(piece.text for piece in pieces)
        kept.append(replace(pieces[0], id=target, text=text, words=(), span=None))
    return kept


def _whole_of(reference: Utterance) -> tuple[str, str | None] | None:
    """Recording and channel (None: all) that a reference covers from end to end; None where it does not."""
    if reference.span:
        return None
    if reference.words:
        return _track(reference)
    key = recording_key(reference.id)
    return (key, None) if key == recording_key(reference.recording or reference.id) else None


def _text(words: Iterable[Word]) -> str:
    return " ".join(word.text for word in words)
