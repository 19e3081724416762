"""Machine drafts against the text that people settled on."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

from pipeline.metrics.alignment import Alignment, EditKind, align
from pipeline.metrics.comparison import paired_blocks
from pipeline.metrics.count_table import count
from pipeline.metrics.counts import ErrorCounts
from pipeline.metrics.estimates import Estimate
from pipeline.metrics.intervals import estimate, estimated
from pipeline.metrics.proportions import Proportion
from pipeline.metrics.resampling import DEFAULT, Resampling, block_sums, difference
from pipeline.metrics.sums import Sums
from pipeline.text.scripts import letters_by_script

Key = TypeVar("Key", bound=Hashable)
_NO_COUNTS = ErrorCounts()


@dataclass(frozen=True, slots=True)
class ScoredText:
    """One text in the forms in which it is scored."""

    raw: str
    """At the level `raw`: what must be equal for a text to count as untouched byte by byte."""
    tokens: tuple[str, ...]
    """At the level `canonical`, in the unit of the dialect."""
    lenient_tokens: tuple[str, ...]
    characters: str
    """Code points of the canonical text without spaces."""


@dataclass(frozen=True, slots=True)
class DraftCounts:
    """What became of the drafts of some segments; a value that adds."""

    n_segments: int = 0
    words: ErrorCounts = _NO_COUNTS
    """Tokens of the draft against those of the settled text."""
    characters: ErrorCounts = _NO_COUNTS
    n_lenient_errors: int = 0
    n_untouched: int = 0
    """Segments whose draft and settled text have the same canonical tokens."""
    n_untouched_raw: int = 0
    n_hallucinated: int = 0
    """Segments with text on silence, or more insertions than the settled text has tokens."""
    n_script_mismatches: int = 0
    """Substitutions whose two tokens share no script."""
    n_number_forms: int = 0
    """Substitutions of which one token is written in digits and the other is not."""

    def __add__(self, other: DraftCounts) -> DraftCounts:
        if not isinstance(other, DraftCounts):
            return NotImplemented
        names = [field.name for field in fields(self)]
        return DraftCounts(**{name: getattr(self, name) + getattr(other, name) for name in names})

    def __radd__(self, other: int) -> DraftCounts:
        """`sum` begins with 0."""
        return self if other == 0 else NotImplemented


@dataclass(frozen=True, slots=True)
class DraftQuality:
    """Drafts of one filter (dialect, model, month), each figure with its interval by speaker.

    None of these is the error rate of the model: people who correct a draft leave some of its errors standing. For
    that, see `blind_control`.
    """

    n_segments: int
    correction_rate: Estimate
    """Edits of tokens / settled tokens: HTER, Snover et al., AMTA 2006."""
    character_correction_rate: Estimate
    """The same on characters: CER; fairer to languages of long words."""
    substituted: Estimate
    """Substitutions / settled tokens."""
    deleted: Estimate
    """Settled tokens that the draft lacks / settled tokens."""
    inserted: Estimate
    """Tokens of the draft that were taken out / settled tokens."""
    script_mismatched: Estimate
    """Substitutions between tokens of different scripts / settled tokens."""
    number_form: Estimate
    """Substitutions between digits and words (25, पच्चीस) / settled tokens."""
    spelling_only: Estimate
    """Errors at the level canonical that are none at lenient / settled tokens."""
    untouched: Estimate
    """Segments with the same canonical tokens / segments."""
    untouched_raw: Estimate
    """Segments with the same raw text / segments."""
    hallucinated: Estimate
    """Segments with text on silence, or more insertions than settled tokens / segments."""


@dataclass(frozen=True, slots=True)
class BlindControl:
    """The error rate of drafts against texts written without seeing them, beside that against corrected drafts."""

    blind: Estimate
    """Error rate against the control sample: the only unbiased one."""
    assisted: Estimate
    """Correction rate of drafts that people saw."""
    anchoring_gap: Estimate
    """Blind - assisted: what people let stand because the draft had it."""


def draft_counts(draft: ScoredText, settled: ScoredText) -> DraftCounts:
    """What became of the draft of one segment."""
    alignment = align(settled.tokens, draft.tokens)
    words = alignment.counts
    return DraftCounts(
        n_segments=1,
        words=words,
        characters=count(settled.characters, draft.characters),
        n_lenient_errors=count(settled.lenient_tokens, draft.lenient_tokens).n_errors,
        n_untouched=int(words.is_right),
        n_untouched_raw=int(draft.raw == settled.raw),
        n_hallucinated=int(words.is_hallucinated),
        n_script_mismatches=n_script_mismatches(alignment),
        n_number_forms=n_number_forms(alignment),
    )


def draft_quality(blocks: Sequence[DraftCounts], *, resampling: Resampling = DEFAULT) -> DraftQuality:
    """All figures of some drafts.

    blocks: the summed counts of each speaker, or recording where the speaker is unknown.
    """

    def per_token(numbers: Iterable[int]) -> Estimate:
        sums = (Sums(n, block.words.n_ref) for n, block in zip(numbers, blocks, strict=True))
        return estimate(sums, resampling=resampling)

    def per_segment(numbers: Iterable[int]) -> Estimate:
        shares = (Proportion(n, block.n_segments) for n, block in zip(numbers, blocks, strict=True))
        return estimate(shares, resampling=resampling)

    return DraftQuality(
        n_segments=sum(block.n_segments for block in blocks),
        correction_rate=estimate((block.words for block in blocks), resampling=resampling),
        character_correction_rate=estimate((block.characters for block in blocks), resampling=resampling),
        substituted=per_token(block.words.substitutions for block in blocks),
        deleted=per_token(block.words.deletions for block in blocks),
        inserted=per_token(block.words.insertions for block in blocks),
        script_mismatched=per_token(block.n_script_mismatches for block in blocks),
        number_form=per_token(block.n_number_forms for block in blocks),
        spelling_only=per_token(block.words.n_errors - block.n_lenient_errors for block in blocks),
        untouched=per_segment(block.n_untouched for block in blocks),
        untouched_raw=per_segment(block.n_untouched_raw for block in blocks),
        hallucinated=per_segment(block.n_hallucinated for block in blocks),
    )


def blind_control(
    blind: Mapping[Key, ErrorCounts], assisted: Mapping[Key, ErrorCounts], *, resampling: Resampling = DEFAULT
) -> BlindControl:
    """Error rate of drafts against a from-scratch control sample, kept apart from that against corrected drafts.

    blind, assisted: counts by speaker (by recording where unknown); speakers in both are drawn together.
    """
    pairs = paired_blocks(blind, assisted)
    sums = block_sums([pair.a for pair in pairs], [pair.b for pair in pairs])
    return BlindControl(
        blind=estimate(blind.values(), resampling=resampling),
        assisted=estimate(assisted.values(), resampling=resampling),
        anchoring_gap=estimated(difference, sums, resampling=resampling),
    )


def n_script_mismatches(alignment: Alignment) -> int:
    """Substitutions whose two tokens have letters and share no script: `office` for `ऑफिस`."""
    return sum(
        _is_other_script(pair.reference or "", pair.hypothesis or "")
        for pair in alignment.pairs()
        if pair.kind is EditKind.SUBSTITUTION
    )


def n_number_forms(alignment: Alignment) -> int:
    """Substitutions of which one token has digits and the other has none: `25` for `पच्चीस`.

    Whether both say the same number is not asked: that needs the number words of every language.
    """
    return sum(
        _has_digits(pair.reference or "") != _has_digits(pair.hypothesis or "")
        for pair in alignment.pairs()
        if pair.kind is EditKind.SUBSTITUTION
    )


def _has_digits(token: str) -> bool:
    return any(char.isdecimal() for char in token)


def _is_other_script(wanted: str, found: str) -> bool:
    scripts, others = letters_by_script(wanted), letters_by_script(found)
    return bool(scripts and others) and scripts.keys().isdisjoint(others)
