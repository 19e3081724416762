"""The protocol that every speech recogniser keeps."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from models.values import ModelIdentity, Word

SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Request:
    """One clip to recognise and what is known of it."""

    samples: npt.NDArray[np.float32]
    """Shape (n_samples,), 16 kHz mono, in [-1, 1]; at most 30 s."""
    language: str
    """Whisper language token, for instance `hi`."""
    prompt: str | None = None
    max_tokens: int = 224
    """Most text tokens to decode; a clip that reaches it is flagged."""
    script: str | None = None
    """ISO 15924 code to keep to: tokens that can only decode to another script but Latin are suppressed. None: any."""
    is_full_window: bool = False
    """Whether to pad to 30 s even where the model is verified for short context."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a recogniser made of one clip; times of words are milliseconds from the start of the clip."""

    text: str
    average_logprob: float | None = None
    no_speech_probability: float | None = None
    words: tuple[Word, ...] = ()
    n_tokens: int = 0
    is_capped: bool = False
    """Whether decoding stopped at `max_tokens` rather than at the end of text."""


class Recogniser(Protocol):
    """Turns clips into text."""

    @property
    def identity(self) -> ModelIdentity:
        """Engine, name and revision, as they stand in each draft."""

    @property
    def languages(self) -> frozenset[str] | None:
        """Language tokens the checkpoint has; None where the engine takes any."""

    @property
    def batch_size(self) -> int:
        """How many requests of one batch key to hand over at once."""

    @property
    def n_parallel(self) -> int:
        """How many batches may be handed over at once, each from a thread of its own; 1 where not thread-safe."""

    @property
    def has_fixed_cost(self) -> bool:
        """Whether a clip costs as much as 30 s however short it is, so that long segments are cheaper."""

    def batch_key(self, request: Request) -> Hashable:
        """Requests with equal keys may share a batch."""

    def recognise(self, requests: Sequence[Request], *, temperature: float = 0.0) -> list[Recognition]:
        """One recognition a request, in order; all requests have the same batch key.

        Raises:
            RecogniserFailed: the engine gave an error.
            RecogniserUnreachable: the engine did not answer.
        """

    def align(self, requests: Sequence[Request], texts: Sequence[str]) -> list[tuple[Word, ...]]:
        """Times and confidence of the words of each text over its clip; empty where the engine cannot tell."""


@runtime_checkable
class LanguageIdentifier(Protocol):
    """A recogniser that can tell languages apart."""

    def language_probabilities(self, request: Request) -> dict[str, float]:
        """Probability of each language token of the checkpoint for one clip; they add up to 1."""
