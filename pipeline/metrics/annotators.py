"""What a transcriptionist's first pass made of a draft, judged by the reviewed text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from pipeline.metrics.alignment import Alignment, EditKind, align
from pipeline.metrics.counts import ErrorCounts
from pipeline.metrics.estimates import Estimate
from pipeline.metrics.intervals import estimate
from pipeline.metrics.proportions import Proportion
from pipeline.metrics.resampling import DEFAULT, Resampling

_NO_COUNTS = ErrorCounts()


@dataclass(frozen=True, slots=True)
class CorrectionCounts:
    """What first passes made of drafts, in tokens; a value that adds."""

    n_segments: int = 0
    n_accepted: int = 0
    """Segments in which the review changed no token."""
    residual: ErrorCounts = _NO_COUNTS
    """First pass against the reviewed text."""
    draft: ErrorCounts = _NO_COUNTS
    """Draft against the reviewed text."""
    n_errors_removed: int = 0
    """Errors of the draft that the first pass no longer has."""
    n_changes: int = 0
    """Tokens put in, taken out or replaced by the first pass."""
    n_changes_kept: int = 0
    """Those that the review let stand."""
    n_spoiled: int = 0
    """Tokens right in the draft and wrong after the first pass."""

    def __add__(self, other: CorrectionCounts) -> CorrectionCounts:
        if not isinstance(other, CorrectionCounts):
            return NotImplemented
        names = [field.name for field in fields(self)]
        return CorrectionCounts(**{name: getattr(self, name) + getattr(other, name) for name in names})

    def __radd__(self, other: int) -> CorrectionCounts:
        """`sum` begins with 0."""
        return self if other == 0 else NotImplemented


@dataclass(frozen=True, slots=True)
class CorrectionQuality:
    """A transcriptionist, or all of a dialect. Fair only on reviews drawn by lot, never on hand-picked ones."""

    n_segments: int
    residual_rate: Estimate
    """Errors left / reviewed tokens: the transcription word error rate of LibriCrowd, arXiv 2309.14372."""
    acceptance: Estimate
    """Reviews without a change of tokens / reviews."""
    recall: Estimate
    """Errors of the draft removed / errors of the draft."""
    precision: Estimate
    """Changes that the review kept / changes."""
    over_editing: Estimate
    """Tokens right in the draft and wrong afterwards / tokens right in the draft."""


def correction_counts(*, draft: Sequence[str], first_pass: Sequence[str], reviewed: Sequence[str]) -> CorrectionCounts:
    """What the first pass made of the draft of one segment.

    An error is removed when the reviewed token is in the first pass, or the superfluous one no longer is. A change is
    kept when the review has the new token, or does not bring back the one that was taken out. For the drift of a
    reviewer, give the review as first pass and a second, blind review as reviewed.
    """
    draft_to_reviewed = align(reviewed, draft)
    first_to_reviewed = align(reviewed, first_pass)
    draft_to_first = align(first_pass, draft)
    is_kept = first_to_reviewed.right_hypothesis_tokens()
    is_found = first_to_reviewed.right_reference_tokens()
    was_found = draft_to_reviewed.right_reference_tokens()
    was_drafted = draft_to_first.right_reference_tokens()
    return CorrectionCounts(
        n_segments=1,
        n_accepted=int(first_to_reviewed.counts.is_right),
        residual=first_to_reviewed.counts,
        draft=draft_to_reviewed.counts,
        n_errors_removed=_n_first_only(is_found, was_found) + _n_taken_out(draft_to_reviewed, draft_to_first),
        n_changes=draft_to_first.counts.n_errors,
        n_changes_kept=_n_first_only(is_kept, was_drafted) + _n_taken_out(draft_to_first, draft_to_reviewed),
        n_spoiled=_n_first_only(was_found, is_found),
    )


def correction_quality(blocks: Sequence[CorrectionCounts], *, resampling: Resampling = DEFAULT) -> CorrectionQuality:
    """All figures of some first passes.

    blocks: the summed counts of each speaker, or recording where the speaker is unknown.
    """

    def share(pairs: Sequence[tuple[int, int]]) -> Estimate:
        return estimate((Proportion(*pair) for pair in pairs), resampling=resampling)

    return CorrectionQuality(
        n_segments=sum(block.n_segments for block in blocks),
        residual_rate=estimate((block.residual for block in blocks), resampling=resampling),
        acceptance=share([(block.n_accepted, block.n_segments) for block in blocks]),
        recall=share([(block.n_errors_removed, block.draft.n_errors) for block in blocks]),
        precision=share([(block.n_changes_kept, block.n_changes) for block in blocks]),
        over_editing=share([(block.n_spoiled, block.draft.hits) for block in blocks]),
    )


def _n_first_only(first: Sequence[bool], second: Sequence[bool]) -> int:
    """Tokens of which the first claim holds and the second does not."""
    return sum(one and not other for one, other in zip(first, second, strict=True))


def _n_taken_out(draft_to_one: Alignment, draft_to_other: Alignment) -> int:
    """Draft tokens that one later text has nothing for, and that the other does not have either."""
    kinds = [pair.kind for pair in draft_to_one.pairs() if pair.hypothesis is not None]
    in_other = draft_to_other.right_hypothesis_tokens()
    return sum(kind is EditKind.INSERTION and not there for kind, there in zip(kinds, in_other, strict=True))
