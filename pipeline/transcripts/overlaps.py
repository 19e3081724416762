"""Words with times shared out among references with times, also where these overlap."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate

from models.values import Span, Word
from pipeline.transcripts.values import Utterance


def shared_out(references: Sequence[Utterance], words: Iterable[Word]) -> tuple[list[list[Word]], list[Word]]:
    """The words of each reference in order of time, and those outside all of them.

    references: of one track, with spans, in order of their starts.

    A word belongs to the reference in which its middle lies. Where speakers overlap there are several: it goes to one
    whose text has this word and has not been given it yet, the shortest of these, so that a `yes` inside a long turn is
    not taken for a part of it; a word that none of them has goes to the one that still lacks most words. That is kind
    to the hypothesis: one channel of words cannot say who spoke.

    Source: the idea of the ORC word error rate (MeetEval, von Neumann et al. 2023): of the assignments to speakers, one
    with few errors; here word by word, within the times.
    """
    tracks = [_Track(reference.span or Span(0, 1), reference.text) for reference in references]
    starts = [track.span.start_ms for track in tracks]
    latest_ends = list(accumulate((track.span.end_ms for track in tracks), max))
    outside: list[Word] = []
    for word in sorted(words, key=lambda word: word.span):
        middle_ms = (word.span.start_ms + word.span.end_ms) // 2
        there: list[_Track] = []
        place = bisect_right(starts, middle_ms) - 1
        while place >= 0 and latest_ends[place] > middle_ms:
            if tracks[place].span.end_ms > middle_ms:
                there.append(tracks[place])
            place -= 1
        if there:
            _chosen(there[::-1], word).take(word)
        else:
            outside.append(word)
    return [track.words for track in tracks], outside


class _Track:
    """A reference that is being filled."""

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.words: list[Word] = []
        self._lacking = Counter(map(_bare, text.split()))
        self._n_wanted = self._lacking.total()

    @property
    def n_lacking(self) -> int:
        """Words of the text less words given, which may be below zero."""
        return self._n_wanted - len(self.words)

    def lacks(self, word: Word) -> bool:
        """Whether its text has this word more often than it was given."""
        return self._lacking[_bare(word.text)] > 0

    def take(self, word: Word) -> None:
        self.words.append(word)
        self._lacking[_bare(word.text)] -= 1


def _chosen(tracks: Sequence[_Track], word: Word) -> _Track:
    """Of the references that overlap at a word the one that it goes to; the earlier one where nothing tells."""
    if len(tracks) == 1:
        return tracks[0]
    lacking = [track for track in tracks if track.lacks(word)]
    if lacking:
        return min(lacking, key=lambda track: track.span.duration_ms)
    return min(tracks, key=lambda track: (-track.n_lacking, track.span.duration_ms))


def _bare(word: str) -> str:
    """A word as it is looked for in a text: NFC, lower case, without punctuation around it."""
    word = unicodedata.normalize("NFC", word).lower()
    edges = "".join(char for char in word if unicodedata.category(char)[0] in "PS")
    return word.strip(edges) or word
