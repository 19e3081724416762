"""Scores as a table for people, and as JSON or CSV for programs."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Iterator
from importlib.metadata import version

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.scoring.inputs import Corpus
from app.scoring.scores import RATE_NAMES, Blocks, GroupScore, LevelScore, Overall, Rate, ScoreReport
from app.scoring.writing import writable
from pipeline.metrics.estimates import Interval
from pipeline.metrics.resampling import DEFAULT

NO_RATE = "no rate"
"""In place of a rate where the references are empty: it is neither 0 nor 100 %."""
_WIDEST = 1000
"""Characters of a line; only names of speakers or districts that go beyond are folded."""
_MOST_NAMED = 5
"""Groups in one line of what has no interval."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t")


def percent(rate: float | None) -> str:
    """A rate for a reader."""
    return NO_RATE if rate is None else f"{rate:.1%}".replace("%", " %")


def with_interval(rate: Rate) -> str:
    """`12.3 % [11.0, 13.9]`, or the rate alone."""
    interval = rate.estimate.interval
    shown = percent(rate.counts.rate)
    return f"{shown} [{interval.low * 100:.1f}, {interval.high * 100:.1f}]" if isinstance(interval, Interval) else shown


def as_table(report: ScoreReport) -> str:
    """One row a group with both levels side by side, and below it what is to be known of the figures."""
    levels = [score.level for score in report.groups[0].levels]
    several = len(levels) > 1
    table = Table(box=None, pad_edge=False)
    for heading in ("dialect", "group"):
        table.add_column(heading, overflow="fold")
    table.add_column("rate")
    for measure in ("", "CER "):
        for level in levels:
            table.add_column(measure + (level.value if several or not measure else ""), justify="right")
    for heading in ("tokens", "segments", "speakers"):
        table.add_column(heading, justify="right", no_wrap=True)
    for group in report.groups:
        table.add_row(*map(Text, _cells(group)))
    return rendered(table, notes(report))


def rendered(table: Table, lines: Iterable[str]) -> str:
    """A table and the lines below it; wider than the terminal rather than with figures cut short."""
    width = Console(width=_WIDEST).measure(table).maximum
    text = io.StringIO()
    console = Console(file=text, width=max(width, Console().width), color_system=None, force_terminal=False)
    console.print(table)
    for line in lines:
        console.print(Text(writable(line)), soft_wrap=True)
    return text.getvalue()


def _cells(group: GroupScore) -> list[str]:
    return [
        group.dialect.tag,
        writable(group.name),
        RATE_NAMES[group.dialect.scoring_unit],
        *(with_interval(score.tokens) for score in group.levels),
        *(with_interval(score.characters) for score in group.levels),
        f"{group.levels[0].tokens.counts.n_ref:,}",
        f"{group.n_segments:,}",
        f"{group.blocks.n_speakers:,}" if group.blocks.n_speakers else "unknown",
    ]


def notes(report: ScoreReport) -> Iterator[str]:
    """What must be known to read the figures, a line each."""
    for (dialect, why), names in _without_interval(report.groups).items():
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        which = f", {', '.join(names[:_MOST_NAMED])}{more}" if any(names) else ""
        yield writable(f"{dialect}{which}: no interval: {why}")
    for overall in report.overall:
        yield _overall(overall)
    if report.corpus.n_ignored:
        n_ignored = report.corpus.n_ignored
        yield f"{n_ignored} {'reference is' if n_ignored == 1 else 'references are'} marked as not to be scored"
    profiles = dict.fromkeys(group.dialect.profile for group in report.groups)
    yield f"profiles {', '.join(profiles)}; Unicode {unicodedata.unidata_version}"


def _without_interval(groups: Iterable[GroupScore]) -> dict[tuple[str, str], list[str]]:
    """Dialect and reason -> the groups without an interval; whole dialects, without a name, apart from their groups."""
    found: dict[tuple[str, str], list[str]] = {}
    whole: dict[tuple[str, str], list[str]] = {}
    for group in groups:
        if why := group.levels[0].tokens.why_no_interval(group.blocks):
            by_reason = whole if group.grouping is None else found
            by_reason.setdefault((group.dialect.tag, why), []).append(group.name)
    return whole | {key: names for key, names in found.items() if key not in whole}


def _overall(overall: Overall) -> str:
    line = (
        f"{overall.level}: mean over {overall.n_dialects} dialects {percent(overall.token_rate)}, "
        f"CER {percent(overall.character_rate)}"
    )
    if overall.worst is None or overall.gap is None:
        return line
    return f"{line}; worst {overall.worst.tag}, {overall.gap * 100:.1f} points above the best"


def unmatched_lines(corpus: Corpus, *, most: int) -> Iterator[str]:
    """The ids that only one side has, the first so many of each."""
    for ids, what in (
        (corpus.without_hypothesis, f"no hypothesis in {corpus.hypothesis}"),
        (corpus.without_reference, f"no reference in {corpus.reference}"),
    ):
        if ids:
            more = f" and {len(ids) - most} more" if len(ids) > most else ""
            yield f"{len(ids)} {'id has' if len(ids) == 1 else 'ids have'} {what}: {', '.join(ids[:most])}{more}"


def as_json(report: ScoreReport) -> str:
    """One object; rates are fractions, null where the references are empty; all unmatched ids are in it."""
    corpus = report.corpus
    record = {
        "reference": corpus.reference,
        "hypothesis": corpus.hypothesis,
        **made_with(),
        "n_segments": corpus.n_pairs,
        "n_ignored": corpus.n_ignored,
        "unmatched": {
            "policy": corpus.unmatched,
            "without_hypothesis": corpus.without_hypothesis,
            "without_reference": corpus.without_reference,
        },
        "overall": [
            {
                "level": overall.level,
                "aggregation": "mean of the dialects' rates",
                "rate": overall.token_rate,
                "cer": overall.character_rate,
                "worst_dialect": overall.worst.tag if overall.worst else None,
                "gap": overall.gap,
            }
            for overall in report.overall
        ],
        "scores": [_record(group, score) for group in report.groups for score in group.levels],
    }
    return writable(json.dumps(record, ensure_ascii=False, indent=2)) + "\n"


def made_with() -> dict[str, object]:
    """What figures depend on beside the files: versions, and how blocks were drawn."""
    return {
        "boli": version("boli"),
        "unicode": unicodedata.unidata_version,
        "resampling": {"n_replicates": DEFAULT.n_replicates, "seed": DEFAULT.seed, "level": DEFAULT.level},
    }


def as_csv(report: ScoreReport) -> str:
    """A heading and one row a group and level; an empty cell is a rate or an interval that does not exist.

    Values that a spreadsheet would run as a formula begin with an apostrophe.
    """
    rows = [_flat(group, score) for group in report.groups for score in group.levels]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: harmless(value) for name, value in row.items()} for row in rows)
    return writable(text.getvalue())


def harmless(value: object) -> object:
    """A cell that no spreadsheet takes for a formula. Source: OWASP, CSV injection."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _record(group: GroupScore, score: LevelScore) -> dict[str, object]:
    return {
        "dialect": group.dialect.tag,
        "profile": group.dialect.profile,
        "by": group.grouping or "dialect",
        "group": group.value if group.grouping else group.dialect.tag,
        "level": score.level,
        "unit": group.dialect.scoring_unit,
        "tokens": _rate_record(score.tokens, group.blocks),
        "characters": _rate_record(score.characters, group.blocks),
        "sentence_error_rate": score.sentence_errors.rate,
        "hallucinated_segments": score.hallucinations.n_cases,
        "n_segments": group.n_segments,
        "n_speakers": group.blocks.n_speakers,
        "n_recordings_without_speaker": group.blocks.n_recordings,
    }


def _rate_record(rate: Rate, blocks: Blocks) -> dict[str, object]:
    counts, interval = rate.counts, rate.estimate.interval
    found = interval if isinstance(interval, Interval) else None
    return {
        "rate": counts.rate,
        "low": found.low if found else None,
        "high": found.high if found else None,
        "interval_level": found.level if found else None,
        "interval_method": found.method if found else None,
        "no_interval": rate.why_no_interval(blocks),
        "match_error_rate": counts.match_error_rate,
        "information_lost": counts.word_information_lost,
        "n_reference": counts.n_ref,
        "n_hypothesis": counts.n_hyp,
        "hits": counts.hits,
        "substitutions": counts.substitutions,
        "deletions": counts.deletions,
        "insertions": counts.insertions,
    }


def _flat(group: GroupScore, score: LevelScore) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in _record(group, score).items():
        if isinstance(value, dict):
            flat |= {f"{name}_{inner}": cell for inner, cell in value.items()}
        else:
            flat[name] = value
    return flat
