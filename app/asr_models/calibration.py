"""Whether a model loses anything in short context, measured on material with transcripts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import jiwer

from app.asr_models.options import load_options
from app.errors import AppError
from app.settings import Settings
from app.transcription.manifest import Entry, read_manifest
from models.values import Draft
from pipeline.asr.loading import Context, ctranslate2_folder, load_recogniser
from pipeline.asr.passport import read_passport, write_passport
from pipeline.asr.recogniser import Recogniser
from pipeline.audio import read_clips
from pipeline.draft_checks import WORTH_DECODING_AGAIN
from pipeline.drafting import DraftRules, SegmentAudio, draft_segments
from pipeline.intake import take_in
from pipeline.segmentation import rules_for
from pipeline.text.profiles import get_profile, tokens_all

LEAST_TOKENS = 500
"""Below this, one word more or less decides."""
MOST_LOST = 0.002
"""Errors that short context may add, as a share of the reference's tokens: what is lost among rounding."""
MOST_MORE_FAILING = 0.01
"""Segments that may fail their checks in short context only, as a share of all: each costs a second decoding."""


class CalibrationImpossible(AppError):
    """Material that cannot show whether a model loses anything."""

    status = 422


@dataclass(frozen=True, slots=True)
class ContextResult:
    """What a model did in one context."""

    n_errors: int
    n_tokens: int
    """Of the reference."""
    n_segments: int
    n_failing: int
    """Segments whose draft failed a check; each was decoded once only."""
    seconds: float

    @property
    def error_rate(self) -> float:
        """Errors / reference length."""
        return self.n_errors / self.n_tokens


@dataclass(frozen=True, slots=True)
class Calibration:
    """The same material in both contexts."""

    full: ContextResult
    short: ContextResult

    @property
    def is_verified(self) -> bool:
        """Whether short context adds neither errors nor failing drafts beyond the margins."""
        lost = (self.short.n_errors - self.full.n_errors) / self.full.n_tokens
        more_failing = (self.short.n_failing - self.full.n_failing) / self.full.n_segments
        return lost <= MOST_LOST and more_failing <= MOST_MORE_FAILING


def calibrate(model: str, folder: Path, settings: Settings) -> Calibration:
    """Draft a folder of recordings with transcripts in both contexts, and note the outcome in the model's `boli.json`.

    folder: with a `manifest.tsv` (or .csv, .jsonl) that has the columns path, dialect and transcript.
    Raises:
        CalibrationImpossible: no manifest, or too few transcripts.
        ModelUnavailable: no such model.
    """
    entries = [
        entry for entry in read_manifest(_manifest(folder)) if entry.dialect and entry.metadata.get("transcript")
    ]
    references = [_tokens(entry, entry.metadata["transcript"]) for entry in entries]
    n_tokens = sum(map(len, references))
    if n_tokens < LEAST_TOKENS:
        raise CalibrationImpossible(f"{folder}: transcripts of {n_tokens} tokens, at least {LEAST_TOKENS} are needed")
    options = load_options(settings)
    results = {}
    for context in (Context.FULL, Context.SHORT):
        recogniser = load_recogniser(model, options=replace(options, context=context))
        results[context] = _measured(recogniser, entries, references)
    calibration = Calibration(results[Context.FULL], results[Context.SHORT])
    converted = ctranslate2_folder(model, options)
    write_passport(replace(read_passport(converted), short_context_verified=calibration.is_verified), converted)
    return calibration


def _manifest(folder: Path) -> Path:
    for suffix in ("tsv", "csv", "jsonl"):
        if (file := folder / f"manifest.{suffix}").is_file():
            return file
    raise CalibrationImpossible(f"{folder}: no manifest.tsv, .csv or .jsonl with the columns path, dialect, transcript")


def _measured(recogniser: Recogniser, entries: Sequence[Entry], references: Sequence[list[str]]) -> ContextResult:
    started = time.monotonic()
    texts: list[dict[int, str]] = [{} for _ in entries]
    n_segments = n_failing = 0
    for item, draft in draft_segments(_segments(entries), recogniser, rules=DraftRules(temperatures=())):
        n_segments += 1
        if isinstance(draft, Draft):
            assert isinstance(item.key, int)
            texts[item.key][item.segment.span.start_ms] = draft.text
            n_failing += bool(WORTH_DECODING_AGAIN.intersection(draft.flags))
    drafted = [" ".join(text for _, text in sorted(rows.items())) for rows in texts]
    hypotheses = [_tokens(entry, text) for entry, text in zip(entries, drafted, strict=True)]
    counts = jiwer.process_words([" ".join(each) for each in references], [" ".join(each) for each in hypotheses])
    n_errors = counts.substitutions + counts.deletions + counts.insertions
    n_tokens = sum(map(len, references))
    return ContextResult(n_errors, n_tokens, n_segments, n_failing, time.monotonic() - started)


def _segments(entries: Sequence[Entry]) -> Iterator[SegmentAudio]:
    """Segments of all recordings, each once: mixed where a recording has several channels."""
    for key, entry in enumerate(entries):
        assert entry.dialect is not None
        segments = take_in(entry.path, rules_for(entry.dialect)).segments[0]
        for segment, samples in zip(segments, read_clips(entry.path, segments), strict=True):
            yield SegmentAudio(key, entry.dialect, segment, samples)


def _tokens(entry: Entry, text: str) -> list[str]:
    assert entry.dialect is not None
    return tokens_all([text], get_profile(entry.dialect.profile))[0]
