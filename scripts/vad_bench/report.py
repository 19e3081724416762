"""The bench's figures as Markdown tables, as JSON, and against the targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from scripts.vad_bench.recordings import StepResult
from scripts.vad_bench.scenes import Background
from scripts.vad_bench.scores import COLLAR_MS, Counts
from scripts.vad_bench.speed import Speed
from scripts.vad_bench.steps import FINAL, STEPS
from scripts.vad_bench.synthetic import SEGMENTS, Condition

LEAST_RECALL = 0.99
MOST_FALSE_ALARMS = 0.10
LEAST_SNR_DB = 10
LEAST_SPEED = 300.0


@dataclass(frozen=True, slots=True)
class Figures:
    """All that one run of the bench measured."""

    scenes: Mapping[Condition, Mapping[str, Counts]]
    alone: Mapping[Background, Mapping[str, float]]
    n_recordings: int
    steps: Mapping[str, StepResult]
    quieter: Mapping[int, Counts]
    speeds: Sequence[Speed]


def missed_targets(figures: Figures) -> list[str]:
    """The targets that were not reached, in words; empty when all were."""
    return [*_missed_in_scenes(figures), *_missed_speeds(figures)]


def tables(figures: Figures) -> Iterator[str]:
    """Lines of Markdown."""
    yield from ("", f"Recall / false alarms in %, {COLLAR_MS} ms collar, by background and speech-to-noise ratio:", "")
    columns = (*STEPS, SEGMENTS)
    yield from _table(
        ("scene", *columns),
        ([_scene(key), *(_rates(row[column]) for column in columns)] for key, row in figures.scenes.items()),
    )
    yield from ("", "Share of a background without speech that is called speech, %:", "")
    yield from _table(
        ("background", *STEPS),
        ([name.value, *(f"{100 * row[step]:.1f}" for step in STEPS)] for name, row in figures.alone.items()),
    )
    if figures.n_recordings:
        yield from _recording_tables(figures)


def record(figures: Figures) -> dict[str, object]:
    """The figures as JSON values."""
    return {
        "collar_ms": COLLAR_MS,
        "scenes": [
            {
                "background": background.value,
                "snr_db": snr_db,
                "steps": {step: _scene_record(counts) for step, counts in steps.items()},
            }
            for (background, snr_db), steps in figures.scenes.items()
        ],
        "background_alone_called_speech": {name.value: dict(row) for name, row in figures.alone.items()},
        "n_recordings": figures.n_recordings,
        "recordings_against_silero": {step: asdict(result) for step, result in figures.steps.items()},
        "recordings_made_quieter_by_db": {str(level): asdict(counts) for level, counts in figures.quieter.items()},
        "speed_times_real_time": [asdict(speed) for speed in figures.speeds],
        "missed_targets": missed_targets(figures),
    }


def _missed_in_scenes(figures: Figures) -> Iterator[str]:
    for key, row in figures.scenes.items():
        snr_db, counts = key[1], row[FINAL]
        if snr_db is not None and snr_db < LEAST_SNR_DB:
            continue
        if counts.recall is None or counts.recall < LEAST_RECALL:
            yield f"{_scene(key)}: recall {_percent(counts.recall)} %, expected at least {100 * LEAST_RECALL:.0f} %"
        if counts.false_alarms is None or counts.false_alarms > MOST_FALSE_ALARMS:
            yield (
                f"{_scene(key)}: false alarms {_percent(counts.false_alarms)} %, "
                f"expected at most {100 * MOST_FALSE_ALARMS:.0f} %"
            )


def _missed_speeds(figures: Figures) -> Iterator[str]:
    for speed in figures.speeds:
        if speed.is_intake and speed.wall < LEAST_SPEED:
            yield f"{speed.name}: {speed.wall:.0f} times real time, expected at least {LEAST_SPEED:.0f}"


def _recording_tables(figures: Figures) -> Iterator[str]:
    yield from ("", f"{figures.n_recordings} recordings against silero's bare spans, %:", "")
    headings = ("step", "recall", "precision", "false alarms", f"false alarms, {COLLAR_MS} ms collar")
    yield from _table(
        headings,
        (
            [
                step,
                *map(_percent, (result.exact.recall, result.exact.precision, result.exact.false_alarms)),
                _percent(result.collared.false_alarms),
            ]
            for step, result in figures.steps.items()
        ),
    )
    yield from ("", "The whole chain on the same recordings made quieter:", "")
    yield from _table(
        ("quieter by", "recall", "false alarms"),
        (
            [f"{level} dB", _percent(counts.recall), _percent(counts.false_alarms)]
            for level, counts in figures.quieter.items()
        ),
    )
    yield from ("", "Seconds of sound a second on one core:", "")
    yield from _table(
        ("work", "wall clock", "processor time"),
        ([speed.name, f"{speed.wall:.0f}", f"{speed.cpu:.0f}"] for speed in figures.speeds),
    )


def _table(headings: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield "|" + "---|" * len(headings)
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _scene(key: Condition) -> str:
    background, snr_db = key
    return background.value if snr_db is None else f"{background.value} {snr_db} dB"


def _scene_record(counts: Counts) -> dict[str, float | int | None]:
    return {**asdict(counts), "recall": counts.recall, "false_alarms": counts.false_alarms}


def _rates(counts: Counts) -> str:
    return f"{_percent(counts.recall)} / {_percent(counts.false_alarms)}"


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f}"
