"""Error rates of what the demo model wrote: words, and characters for Chinese, from summed counts."""

from __future__ import annotations

from collections.abc import Sequence

import jiwer

from pipeline.dialects import ScoringUnit, get_dialect
from scripts.drafting_bench.loads import Load


def error_rates(load: Load, texts: Sequence[str]) -> dict[str, float]:
    """Errors / reference length by language tag; characters without spaces where the variety is not scored in words."""
    rates: dict[str, float] = {}
    for tag in sorted({clip.tag for clip in load.clips}):
        pairs = [(clip.reference, text) for clip, text in zip(load.clips, texts, strict=True) if clip.tag == tag]
        references = [_units(reference, tag) for reference, _ in pairs]
        hypotheses = [_units(text, tag) for _, text in pairs]
        rates[tag] = float(jiwer.process_words(references, hypotheses).wer)
    return rates


def _units(text: str, tag: str) -> str:
    if get_dialect(tag).scoring_unit is ScoringUnit.WORD:
        return " ".join(text.split())
    return " ".join("".join(text.split()))
