"""Which of a few dialects is spoken, for recordings of which nobody has said it. Never asked of all languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from app.errors import AppError
from pipeline.asr.recogniser import LanguageIdentifier, Recogniser, Request
from pipeline.audio import read_clips
from pipeline.dialects import Dialect, get_dialect
from pipeline.intake import take_in
from pipeline.segmentation import rules_for

N_LISTENED = 5
"""Segments that are listened to, from the beginning; their probabilities add up."""


class GuessImpossible(AppError):
    """Dialects that the model cannot tell apart, or a model that cannot tell any."""

    status = 422


class DialectGuesser:
    """Chooses among the dialects that were allowed, by the probability of their language tokens."""

    def __init__(self, candidates: Sequence[Dialect], identifier: LanguageIdentifier) -> None:
        self._candidates = candidates
        self._identifier = identifier

    @classmethod
    def among(cls, tags: str, recogniser: Recogniser) -> DialectGuesser:
        """From tags with commas between.

        Raises:
            UnknownDialect: one of them is in no catalogue.
            GuessImpossible: the engine tells no languages, or two of the dialects share a token or have none.
        """
        if not isinstance(recogniser, LanguageIdentifier):
            raise GuessImpossible(f"the engine {recogniser.identity.engine} cannot tell languages; give --dialect")
        candidates = [get_dialect(tag.strip()) for tag in tags.split(",") if tag.strip()]
        known = recogniser.languages or frozenset()
        for dialect in candidates:
            sharing = [other.tag for other in candidates if other.whisper_token == dialect.whisper_token]
            if dialect.whisper_token not in known or len(sharing) > 1:
                raise GuessImpossible(
                    f"--among {tags}: {dialect.tag} cannot be told from the others, because this model "
                    + (f"knows {' and '.join(sharing)} by one token" if len(sharing) > 1 else "has no token for it")
                )
        if len(candidates) < 2:
            raise GuessImpossible(f"--among {tags}: expected at least two tags with commas between")
        return cls(candidates, recogniser)

    def dialect_of(self, path: Path) -> Dialect | None:
        """The likeliest of the candidates; None where there is no speech to judge by.

        Raises:
            AudioUnreadable: there is no sound that can be decoded.
        """
        segments = take_in(path, rules_for(self._candidates[0])).segments[0][:N_LISTENED]
        likelihood: Counter[str] = Counter()
        for samples in read_clips(path, segments):
            likelihood.update(
                self._identifier.language_probabilities(Request(samples, self._candidates[0].whisper_token or ""))
            )
        if not likelihood:
            return None
        return max(self._candidates, key=lambda dialect: likelihood[dialect.whisper_token or ""])
