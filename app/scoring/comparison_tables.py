"""Comparisons as a table for people, and as JSON or CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from app.scoring.comparing import ComparisonReport, Correction, DialectComparison, Measure
from app.scoring.scores import RATE_NAMES, Rate
from app.scoring.tables import harmless, made_with, percent, rendered, unmatched_lines
from app.scoring.writing import writable
from pipeline.metrics.estimates import Interval

_CORRECTION_NAMES = {Correction.HOLM: "Holm", Correction.BH: "BH"}


def as_table(report: ComparisonReport) -> str:
    """Two rows a dialect and level: words or mixed tokens, and characters; below, what A and B are."""
    table = Table(box=None, pad_edge=False)
    name = _CORRECTION_NAMES[report.correction]
    tests = ("p", f"p ({name})", "MAPSSWE", f"MAPSSWE ({name})")
    for place, heading in enumerate(("dialect", "level", "rate", "A", "B", "A - B", *tests)):
        table.add_column(heading, justify="left" if place < 3 else "right")
    for heading in ("tokens", "segments", "speakers"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in report.rows:
        speakers = f"{row.blocks.n_speakers:,}" if row.blocks.n_speakers else "unknown"
        sizes = (f"{row.tokens.a.n_ref:,}", f"{row.n_segments:,}", speakers)
        name = RATE_NAMES[row.dialect.scoring_unit]
        mapsswe = (_p(row.matched_pairs.p_value), _p(row.corrected_matched_pairs))
        table.add_row(*map(Text, (row.dialect.tag, row.level.value, name, *_cells(row.tokens), *mapsswe, *sizes)))
        table.add_row(*map(Text, ("", "", "CER", *_cells(row.characters), "", "", "", "", "")))
    return rendered(table, notes(report))


def notes(report: ComparisonReport) -> Iterator[str]:
    """What must be known to read the figures, a line each."""
    yield f"A is {report.a.hypothesis}, B is {report.b.hypothesis}; A - B is positive where A makes more errors"
    for row in report.rows:
        why = _why_no_interval(row, row.tokens)
        if why and row.level is report.rows[0].level:
            missing = "no interval and no p" if row.tokens.comparison.p_value is None else "no interval"
            yield f"{row.dialect.tag}: {missing}: {why}"
        if not row.matched_pairs.is_trustworthy:
            yield (
                f"{row.dialect.tag}, {row.level}: MAPSSWE over {row.matched_pairs.n_segments} segments only; "
                "its p is doubtful"
            )


def unmatched(report: ComparisonReport, *, most: int) -> Iterator[str]:
    """The ids that were left out, the first so many of each kind."""
    yield from dict.fromkeys((*unmatched_lines(report.a, most=most), *unmatched_lines(report.b, most=most)))


def _cells(measure: Measure) -> tuple[str, ...]:
    comparison = measure.comparison
    return (
        percent(measure.a.rate),
        percent(measure.b.rate),
        _difference(measure),
        _p(comparison.p_value),
        _p(measure.corrected_p_value),
    )


def _difference(measure: Measure) -> str:
    """`+1.2 [+0.3, +2.0]`, in percentage points."""
    estimate = measure.comparison.difference
    if estimate.value is None:
        return "none"
    interval = estimate.interval
    shown = f"{estimate.value * 100:+.1f}"
    return (
        f"{shown} [{interval.low * 100:+.1f}, {interval.high * 100:+.1f}]" if isinstance(interval, Interval) else shown
    )


def _p(p_value: float | None) -> str:
    if p_value is None:
        return "-"
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def _why_no_interval(row: DialectComparison, measure: Measure) -> str | None:
    return Rate(measure.a, measure.comparison.difference).why_no_interval(row.blocks)


def as_json(report: ComparisonReport) -> str:
    """One object; rates and differences are fractions of reference tokens, null where they do not exist."""
    record = {
        "reference": report.a.reference,
        "hypothesis_a": report.a.hypothesis,
        "hypothesis_b": report.b.hypothesis,
        **made_with(),
        "correction": report.correction,
        "corrected_over": "the dialects of a level",
        "unmatched": {
            "policy": report.a.unmatched,
            "without_a": report.a.without_hypothesis,
            "without_b": report.b.without_hypothesis,
            "without_reference_a": report.a.without_reference,
            "without_reference_b": report.b.without_reference,
        },
        "comparisons": [_record(row) for row in report.rows],
    }
    return writable(json.dumps(record, ensure_ascii=False, indent=2)) + "\n"


def as_csv(report: ComparisonReport) -> str:
    """A heading and one row a dialect and level; empty cells are figures that do not exist."""
    rows = [_flat(_record(row)) for row in report.rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: harmless(value) for name, value in row.items()} for row in rows)
    return writable(text.getvalue())


def _record(row: DialectComparison) -> dict[str, object]:
    return {
        "dialect": row.dialect.tag,
        "profile": row.dialect.profile,
        "level": row.level,
        "unit": row.dialect.scoring_unit,
        "n_segments": row.n_segments,
        "n_speakers": row.blocks.n_speakers,
        "n_recordings_without_speaker": row.blocks.n_recordings,
        "tokens": _measure_record(row, row.tokens),
        "characters": _measure_record(row, row.characters),
        "mapsswe_p": row.matched_pairs.p_value,
        "mapsswe_p_corrected": row.corrected_matched_pairs,
        "mapsswe_segments": row.matched_pairs.n_segments,
        "wilcoxon_p": row.signed_ranks.p_value if row.signed_ranks else None,
        "wilcoxon_p_corrected": row.corrected_signed_ranks,
        "wilcoxon_n": row.signed_ranks.n if row.signed_ranks else None,
    }


def _measure_record(row: DialectComparison, measure: Measure) -> dict[str, object]:
    comparison = measure.comparison
    interval = comparison.difference.interval
    found = interval if isinstance(interval, Interval) else None
    return {
        "n_reference": measure.a.n_ref,
        "n_errors_a": measure.a.n_errors,
        "n_errors_b": measure.b.n_errors,
        "rate_a": measure.a.rate,
        "rate_b": measure.b.rate,
        "difference": comparison.difference.value,
        "low": found.low if found else None,
        "high": found.high if found else None,
        "no_interval": _why_no_interval(row, measure),
        "p": comparison.p_value,
        "p_corrected": measure.corrected_p_value,
        "probability_a_worse": comparison.probability_a_worse,
    }


def _flat(record: dict[str, object]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in record.items():
        flat |= {f"{name}_{inner}": cell for inner, cell in value.items()} if isinstance(value, dict) else {name: value}
    return flat
