"""What correcting a draft costs people, and what the draft saves them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from pipeline.metrics.estimates import Estimate
from pipeline.metrics.intervals import estimate, estimate_quotient
from pipeline.metrics.proportions import Proportion, share_of
from pipeline.metrics.resampling import DEFAULT, Resampling
from pipeline.metrics.sums import Sums

Key = TypeVar("Key", bound=Hashable)
_MS_PER_MINUTE = 60_000
IDLE_MS = 30_000
"""A pause of more than half a minute without key, click or playback is no work."""


@dataclass(frozen=True, slots=True)
class Work:
    """Work on some segments; a value that adds."""

    active_ms: int = 0
    """Time at work, idle pauses left out: see `active_ms`."""
    audio_ms: int = 0
    """Length of the recordings worked on."""
    n_keystrokes: int = 0
    n_pointer_actions: int = 0
    n_characters: int = 0
    """Characters of the final text, NFC code points without spaces."""
    n_edits: int = 0
    """Edits between the draft and the final text, in tokens."""

    def __add__(self, other: Work) -> Work:
        if not isinstance(other, Work):
            return NotImplemented
        return Work(
            self.active_ms + other.active_ms,
            self.audio_ms + other.audio_ms,
            self.n_keystrokes + other.n_keystrokes,
            self.n_pointer_actions + other.n_pointer_actions,
            self.n_characters + other.n_characters,
            self.n_edits + other.n_edits,
        )

    def __radd__(self, other: int) -> Work:
        """`sum` begins with 0."""
        return self if other == 0 else NotImplemented

    @property
    def time_per_audio(self) -> Sums:
        """Human real-time factor before it is divided."""
        return Sums(self.active_ms, self.audio_ms)

    @property
    def edits_per_minute(self) -> float | None:
        """Edits of tokens in a minute of active work; None without work. Source: Krings 2001, technical effort."""
        return self.n_edits * _MS_PER_MINUTE / self.active_ms if self.active_ms else None

    @property
    def audio_minutes_per_hour(self) -> float | None:
        """Throughput: minutes of audio finished in an hour of work; None without work."""
        return 60 * self.audio_ms / self.active_ms if self.active_ms else None


@dataclass(frozen=True, slots=True)
class Effort:
    """Work per audio and per character, each with its interval."""

    real_time_factor: Estimate
    """Active time / audio time: 3 to 5 and more without a draft (Gaur et al. 2015, 2016)."""
    keystrokes_per_character: Estimate
    """KSR: key events / characters of the final text; near 1 where all is typed in an alphabet."""
    actions_per_character: Estimate
    """KSMR: keys and pointer actions / characters."""


def active_ms(event_times_ms: Sequence[int], *, idle_ms: int = IDLE_MS) -> int:
    """Time at work between the first and the last event, without pauses longer than `idle_ms`.

    event_times_ms: when keys, clicks and playback happened, in any order.
    """
    gaps = (later - earlier for earlier, later in pairwise(sorted(event_times_ms)))
    return sum(gap for gap in gaps if gap <= idle_ms)


def effort(blocks: Sequence[Work], *, resampling: Resampling = DEFAULT) -> Effort:
    """Effort figures of some work.

    blocks: the summed work of each person: people differ more from each other than segments do.

    Source: Krings, Repairing Texts, 2001 (temporal and technical effort); KSR and KSMR as in interactive translation,
    Barrachina et al., Computational Linguistics 35 (2009).
    """
    keys = (Sums(work.n_keystrokes, work.n_characters) for work in blocks)
    actions = (Sums(work.n_keystrokes + work.n_pointer_actions, work.n_characters) for work in blocks)
    return Effort(
        real_time_factor=estimate((work.time_per_audio for work in blocks), resampling=resampling),
        keystrokes_per_character=estimate(keys, resampling=resampling),
        actions_per_character=estimate(actions, resampling=resampling),
    )


def rework_share(n_passes: Iterable[int]) -> Proportion:
    """Segments that were worked on more than once among those worked on.

    n_passes: how often each segment was sent to a transcriptionist: 1 where the first pass was accepted, 0 where it was
    never begun.
    """
    return share_of(n > 1 for n in n_passes if n > 0)


def gain_over_typing(
    from_nothing: Mapping[Key, Work], with_draft: Mapping[Key, Work], *, resampling: Resampling = DEFAULT
) -> Estimate:
    """Real-time factor of typing from nothing / that of correcting drafts: 2 means half the time, below 1 a loss.

    from_nothing, with_draft: work by person, the first on the blind control sample; persons in both are drawn together.

    Source: Bazillon, Estève & Luzzati, LREC 2008: up to 4 on prepared, 2 on spontaneous speech.
    """
    persons = dict.fromkeys([*from_nothing, *with_draft])
    return estimate_quotient(
        [from_nothing.get(person, Work()).time_per_audio for person in persons],
        [with_draft.get(person, Work()).time_per_audio for person in persons],
        resampling=resampling,
    )
