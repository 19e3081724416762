"""jiwer's own output for tokens of any kind, for its displays and for whoever wants to check."""

from __future__ import annotations

from collections.abc import Sequence

import jiwer

from pipeline.errors import PipelineError
from pipeline.metrics.counts import ErrorCounts

SEPARATOR = "\x1f"
"""Unit separator: jiwer parts words at U+0020 alone, and tokens may hold spaces."""


class SeparatorInToken(PipelineError):
    """A token that holds the character which parts tokens."""


def process_tokens(references: Sequence[Sequence[str]], hypotheses: Sequence[Sequence[str]]) -> jiwer.WordOutput:
    """jiwer's alignment of tokens exactly as they were cut here.

    Raises: SeparatorInToken where a token holds U+001F.
    """
    tokens = jiwer.ReduceToListOfListOfWords(word_delimiter=SEPARATOR)
    return jiwer.process_words(
        [_joined(tokens) for tokens in references],
        [_joined(tokens) for tokens in hypotheses],
        reference_transform=tokens,
        hypothesis_transform=tokens,
    )


def counts_of(output: jiwer.WordOutput) -> ErrorCounts:
    """What jiwer counted."""
    return ErrorCounts(output.hits, output.substitutions, output.deletions, output.insertions)


def _joined(tokens: Sequence[str]) -> str:
    for token in tokens:
        if SEPARATOR in token:
            raise SeparatorInToken(f"The token {token!r} holds U+001F; tokens are joined by it for jiwer.")
    return SEPARATOR.join(tokens)
