"""The report of scores as one HTML file that needs nothing else: rates, confusions, coloured alignments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from app.scoring.display import DialectDisplay, ShownPair, displayed
from app.scoring.scores import RATE_NAMES, GroupScore, ScoreReport
from app.scoring.style import STYLE
from app.scoring.tables import notes, percent, unmatched_lines, with_interval
from app.scoring.writing import writable
from pipeline.dialects.catalogue import Dialect
from pipeline.metrics.alignment import AlignedPair, Alignment, EditKind

MOST_IDS_SHOWN = 200
MOST_COLUMNS_SHOWN = 2_000
"""Tokens of one alignment; the rest of a longer one is counted."""
_LEGEND = (
    (EditKind.HIT, "right"),
    (EditKind.SUBSTITUTION, "substituted: reference above, hypothesis below"),
    (EditKind.DELETION, "deleted: only in the reference"),
    (EditKind.INSERTION, "inserted: only in the hypothesis"),
)
_NOTHING = "∅"


def as_html(report: ScoreReport) -> str:
    """The whole page. Text of transcripts carries its language and direction; everything from files is escaped."""
    corpus = report.corpus
    title = f"Scores of {corpus.hypothesis} against {corpus.reference}"
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        *_rates(report),
        *_paragraphs((*notes(report), *unmatched_lines(corpus, most=MOST_IDS_SHOWN))),
        *(line for each in displayed(report) for line in _dialect(each)),
        "</body></html>",
    ]
    return writable("\n".join(parts)) + "\n"


def _rates(report: ScoreReport) -> Iterator[str]:
    levels = [score.level.value for score in report.groups[0].levels]
    headings = ("dialect", "profile", "group", "rate", *levels, *(f"CER {level}" for level in levels))
    yield '<div class="wide"><table><thead><tr>'
    yield "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    yield '<th scope="col">tokens</th><th scope="col">segments</th><th scope="col">speakers</th></tr></thead><tbody>'
    yield from map(_rate_row, report.groups)
    yield "</tbody></table></div>"


def _rate_row(group: GroupScore) -> str:
    words = (group.dialect.profile, group.name, RATE_NAMES[group.dialect.scoring_unit])
    figures = (
        *(with_interval(score.tokens) for score in group.levels),
        *(with_interval(score.characters) for score in group.levels),
        f"{group.levels[0].tokens.counts.n_ref:,}",
        f"{group.n_segments:,}",
        f"{group.blocks.n_speakers:,}" if group.blocks.n_speakers else "unknown",
    )
    head = f'<th scope="row" title="{escape(group.dialect.english_name)}">{escape(group.dialect.tag)}</th>'
    cells = "".join(f"<td><bdi>{escape(word)}</bdi></td>" for word in words)
    return f"<tr>{head}{cells}" + "".join(f'<td class="n">{escape(figure)}</td>' for figure in figures) + "</tr>"


def _paragraphs(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield f'<p class="note">{escape(line)}</p>'


def _dialect(display: DialectDisplay) -> Iterator[str]:
    dialect = display.dialect
    name = f"{dialect.english_name} ({dialect.tag}), {display.level}"
    yield f"<section><h2>{escape(name)}</h2>"
    if display.n_with_errors == 0:
        yield "<p>No errors.</p></section>"
        return
    yield from _confusions(display)
    yield f"<h3>{len(display.shown)} of {display.n_with_errors:,} segments with errors, the worst first</h3>"
    yield '<p class="legend">' + " ".join(f'<span class="{kind}">{text}</span>' for kind, text in _LEGEND) + "</p>"
    yield "<ol>"
    for shown in display.shown:
        yield from _alignment(shown, dialect)
    yield "</ol></section>"


def _confusions(display: DialectDisplay) -> Iterator[str]:
    yield "<h3>Most frequent errors</h3>"
    yield '<div class="wide"><table><thead><tr><th scope="col">reference</th><th scope="col">hypothesis</th>'
    yield '<th scope="col">times</th></tr></thead><tbody>'
    for (reference, hypothesis), n_times in display.confusions:
        yield (
            f"<tr>{_token_cell(reference, display.dialect)}{_token_cell(hypothesis, display.dialect)}"
            f'<td class="n">{n_times:,}</td></tr>'
        )
    yield "</tbody></table></div>"


def _token_cell(token: str | None, dialect: Dialect) -> str:
    return f"<td>{_NOTHING}</td>" if token is None else f"<td {_language(dialect)}>{escape(token)}</td>"


def _language(dialect: Dialect) -> str:
    return f'lang="{escape(dialect.tag)}" dir="{dialect.direction}"'


def _alignment(shown: ShownPair, dialect: Dialect) -> Iterator[str]:
    counts, pair = shown.alignment.counts, shown.pair
    about = ", ".join(filter(None, (pair.about.speaker, pair.about.district)))
    yield f"<li><p><bdi>{escape(pair.id)}</bdi>" + (f" · <bdi>{escape(about)}</bdi>" if about else "")
    yield (
        f" · {percent(counts.rate)}: {counts.substitutions} substituted, {counts.deletions} deleted, "
        f"{counts.insertions} inserted of {counts.n_ref}</p>"
    )
    columns = _columns(shown.alignment)
    yield f'<div class="alignment" {_language(dialect)}>'
    yield "".join(map(_column, columns[:MOST_COLUMNS_SHOWN])) + "</div>"
    if len(columns) > MOST_COLUMNS_SHOWN:
        yield f'<p class="note">and {len(columns) - MOST_COLUMNS_SHOWN:,} more tokens</p>'
    yield "</li>"


def _columns(alignment: Alignment) -> Sequence[AlignedPair]:
    return list(alignment.pairs())


def _column(pair: AlignedPair) -> str:
    """One column: the two tokens above each other, or one where they are the same."""
    if pair.kind is EditKind.HIT:
        return f'<span class="hit"><span>{escape(pair.reference or "")}</span></span>'
    reference, hypothesis = (
        _NOTHING if token is None else escape(token) for token in (pair.reference, pair.hypothesis)
    )
    return f'<span class="{pair.kind}" title="{pair.kind}"><span>{reference}</span><span>{hypothesis}</span></span>'
