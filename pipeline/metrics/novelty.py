"""What new recordings add in words to those that are there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pipeline.metrics.proportions import Proportion

_MS_PER_HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class Novelty:
    """Words of new recordings against the vocabulary before them."""

    unknown_words: Proportion
    """Running words that the vocabulary lacks, among all: its rate is the out-of-vocabulary rate."""
    n_new_types: int
    """Different words that the vocabulary lacks."""
    duration_ms: int

    @property
    def new_types_per_hour(self) -> float | None:
        """Different new words per hour of audio: where it falls, more of the same adds little. None without audio."""
        return self.n_new_types * _MS_PER_HOUR / self.duration_ms if self.duration_ms else None


def novelty(texts: Iterable[Sequence[str]], vocabulary: AbstractSet[str], *, duration_ms: int) -> Novelty:
    """How much of some new texts was never said before.

    texts: canonical words of each new segment. vocabulary: different words of all earlier ones. duration_ms: length of
    the new audio.
    """
    words = Counter(word for text in texts for word in text)
    unknown = Counter({word: n for word, n in words.items() if word not in vocabulary})
    return Novelty(Proportion(unknown.total(), words.total()), len(unknown), duration_ms)


def unique_prompts(prompts: Iterable[str | None]) -> Proportion:
    """Different prompts among the recordings that had one: near 1, people said different things; None: no prompt.

    prompts: the text or the id of what each speaker was asked to read or to answer.
    """
    given = [prompt for prompt in prompts if prompt is not None]
    return Proportion(len(set(given)), len(given))
