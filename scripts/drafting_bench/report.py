"""The table of a drafting benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from scripts.drafting_bench.engines import Engine

if TYPE_CHECKING:
    from scripts.bench_drafting import Result


def print_table(results: Sequence[Result]) -> None:
    """One row an engine, with its speed as a multiple of openai-whisper's and of the better faster-whisper mode's."""
    table = Table(title="Drafting: audio seconds per second")
    for heading in ("model", "load", "engine"):
        table.add_column(heading)
    for heading in ("beam", "speed", "x openai", "x faster", "peak MB", "tokens/s audio", "GOP/s"):
        table.add_column(heading, justify="right")
    table.add_column("errors")
    for result in results:
        case = result.case
        table.add_row(
            case.model,
            case.load,
            str(case.engine),
            str(case.beam),
            f"{result.audio_s_per_s:.1f}",
            _multiple(result, results, (Engine.OPENAI,)),
            _multiple(result, results, (Engine.FASTER, Engine.FASTER_BATCHED)),
            f"{result.peak_mb:.0f}",
            f"{result.tokens_per_audio_s:.2f}",
            "" if result.gop_per_s is None else f"{result.gop_per_s:.0f}",
            " ".join(f"{tag.split('-')[0]} {rate:.3f}" for tag, rate in result.error_rates.items()),
        )
    Console(width=160).print(table)


def _multiple(result: Result, results: Sequence[Result], peers: tuple[Engine, ...]) -> str:
    """Speed against the fastest of these peers on the same case; empty where none was measured."""
    same = (result.case.model, result.case.load, result.case.beam)
    speeds = [
        other.audio_s_per_s
        for other in results
        if (other.case.model, other.case.load, other.case.beam) == same and other.case.engine in peers
    ]
    return f"{result.audio_s_per_s / max(speeds):.2f}" if speeds else ""
