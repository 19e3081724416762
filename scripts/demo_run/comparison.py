"""What was spoken in the samples beside what was drafted, and the error rate of each language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import jiwer
from rich.console import Console
from rich.table import Table

from pipeline.dialects import Dialect, get_dialect
from pipeline.text.profiles import get_profile, tokens_all
from scripts.demo_run.projects import manifest_rows

_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample recording: what was spoken in it and what came out."""

    path: str
    dialect: Dialect
    duration_s: float
    spoken: str
    drafted: str
    n_segments: int
    flags: tuple[str, ...]


def samples(lines: Iterable[str]) -> list[Sample]:
    """A sample for each recording of the manifest, from the drafts of its segments as the service exports them."""
    drafts: dict[str, list[dict[str, Any]]] = {}
    for line in map(json.loads, lines):
        drafts.setdefault(line["file_name"], []).append(line)
    return [_sample(row, drafts.get(row["path"], [])) for row in manifest_rows()]


def error_rates(samples: Sequence[Sample]) -> dict[str, float]:
    """Errors / reference length by language tag, in the unit that the language is scored in."""
    rates: dict[str, float] = {}
    for tag in sorted({each.dialect.tag for each in samples}):
        of_language = [each for each in samples if each.dialect.tag == tag]
        profile = get_profile(of_language[0].dialect.profile)
        spoken = tokens_all([each.spoken for each in of_language], profile)
        drafted = tokens_all([each.drafted for each in of_language], profile)
        rates[tag] = float(jiwer.process_words([" ".join(t) for t in spoken], [" ".join(t) for t in drafted]).wer)
    return rates


def show(samples: Sequence[Sample], rates: dict[str, float], console: Console) -> None:
    """A row a recording; the error rate of its language beside it."""
    table = Table(title="Sample recordings, drafted by the demo model", show_lines=True)
    for heading in ("recording", "language", "length", "segments", "spoken / drafted", "errors", "flags"):
        table.add_column(heading)
    for each in samples:
        table.add_row(
            each.path,
            each.dialect.english_name,
            f"{each.duration_s:.0f} s",
            str(each.n_segments),
            f"{each.spoken[:_SHOWN_CHARACTERS]}\n[bold]{each.drafted[:_SHOWN_CHARACTERS]}[/bold]",
            f"{rates[each.dialect.tag]:.1%}",
            " ".join(each.flags),
        )
    console.print(table)


def _sample(row: dict[str, str], segments: Sequence[dict[str, Any]]) -> Sample:
    ordered = sorted(segments, key=lambda segment: (segment["channel"], segment["start_ms"]))
    drafts = [segment["drafts"][0] for segment in ordered if segment["drafts"]]
    return Sample(
        path=row["path"],
        dialect=get_dialect(row["dialect"]),
        duration_s=float(row["duration_s"]),
        spoken=row["transcript"],
        drafted=" ".join(draft["text"] or "" for draft in drafts),
        n_segments=len(ordered),
        flags=tuple(sorted({flag for draft in drafts for flag in draft["flags"]})),
    )
