"""The bench's figures as Markdown tables, as JSON, and against the targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

MOST_TIMES_JIWER = 2.0
LEAST_TIMES_FASTER = 6.0
MOST_MEMORY_MB = 1000.0
MOST_LONG_S = 0.5
JIWER = "jiwer"
COUNTING = "boli, counting tokens"
CANONICAL = "boli, everything, canonical"
BOTH = "boli, everything, canonical and lenient"


@dataclass(frozen=True, slots=True)
class Figure:
    """What one scorer took for one load, over all rounds."""

    seconds: tuple[float, ...]
    """By the clock."""
    processor_s: tuple[float, ...]
    """Of the processor: what the targets are held to, for the machine may be shared."""
    peak_mb: float
    n_errors: int
    n_ref: int

    @property
    def median_s(self) -> float:
        """Processor time."""
        return median(self.processor_s)


@dataclass(frozen=True, slots=True)
class Figures:
    """All that one run of the bench measured; a text in place of a figure says why there is none."""

    utterances: Mapping[str, Figure | str]
    long: Mapping[str, Figure | str]
    n_pairs: int
    n_long_words: int


def missed_targets(figures: Figures) -> list[str]:
    """The targets that were not reached, in words; empty when all were."""
    return [*_missed_on_utterances(figures), *_missed_on_long(figures), *_disagreements(figures)]


def _missed_on_utterances(figures: Figures) -> Iterator[str]:
    jiwer, counting = _measured(figures.utterances, JIWER), _measured(figures.utterances, COUNTING)
    for name in (CANONICAL, BOTH):
        whole = _measured(figures.utterances, name)
        if whole.median_s > MOST_TIMES_JIWER * jiwer.median_s:
            yield f"{name}: {whole.median_s / jiwer.median_s:.2f} x jiwer; expected at most {MOST_TIMES_JIWER:g} x"
        if whole.peak_mb > MOST_MEMORY_MB:
            yield f"{name}: {whole.peak_mb:.0f} MB; expected at most {MOST_MEMORY_MB:.0f} MB"
    if counting.median_s * LEAST_TIMES_FASTER > jiwer.median_s:
        times = jiwer.median_s / counting.median_s
        yield f"{COUNTING}: {times:.1f} x as fast as jiwer; expected {LEAST_TIMES_FASTER:g} x"


def _missed_on_long(figures: Figures) -> Iterator[str]:
    long = _measured(figures.long, CANONICAL)
    if long.median_s > MOST_LONG_S:
        yield f"{CANONICAL}, one pair of {figures.n_long_words} words: {long.median_s:.2f} s; expected {MOST_LONG_S} s"


def _disagreements(figures: Figures) -> Iterator[str]:
    for load in (figures.utterances, figures.long):
        found = {(each.n_errors, each.n_ref) for each in load.values() if isinstance(each, Figure)}
        if len(found) > 1:
            yield f"scorers count differently: {sorted(found)}"


def _measured(load: Mapping[str, Figure | str], name: str) -> Figure:
    figure = load[name]
    if isinstance(figure, str):
        raise TypeError(f"{name} was not measured: {figure}")
    return figure


def tables(figures: Figures) -> Iterator[str]:
    """Lines of Markdown."""
    yield from _table(f"{figures.n_pairs:,} utterance pairs in five scripts", figures.utterances)
    yield from _table(f"One pair of {figures.n_long_words:,} words", figures.long)


def _table(title: str, load: Mapping[str, Figure | str]) -> Iterator[str]:
    jiwer = _measured(load, JIWER).median_s
    yield from (
        f"## {title}",
        "",
        "| scorer | processor s | range | times jiwer | clock s | peak MB | errors / words |",
    )
    yield "|---|---|---|---|---|---|---|"
    for name, figure in load.items():
        if isinstance(figure, str):
            yield f"| {name} | {figure} | | | | | |"
            continue
        low, high = min(figure.processor_s), max(figure.processor_s)
        yield (
            f"| {name} | {figure.median_s:.3f} | {low:.3f} to {high:.3f} | {figure.median_s / jiwer:.2f} | "
            f"{median(figure.seconds):.3f} | {figure.peak_mb:.0f} | {figure.n_errors:,} / {figure.n_ref:,} |"
        )
    yield ""


def record(figures: Figures) -> dict[str, object]:
    """The figures as JSON values."""
    return {
        "n_pairs": figures.n_pairs,
        "n_long_words": figures.n_long_words,
        "utterances": _records(figures.utterances),
        "long": _records(figures.long),
    }


def _records(load: Mapping[str, Figure | str]) -> Sequence[dict[str, object]]:
    return [
        {"scorer": name, "missing": figure}
        if isinstance(figure, str)
        else {
            "scorer": name,
            "seconds": [round(each, 4) for each in figure.seconds],
            "processor_s": [round(each, 4) for each in figure.processor_s],
            "median_processor_s": round(figure.median_s, 4),
            "peak_mb": round(figure.peak_mb),
            "n_errors": figure.n_errors,
            "n_ref": figure.n_ref,
        }
        for name, figure in load.items()
    ]
