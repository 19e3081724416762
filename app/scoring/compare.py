"""`boli compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.scoring.score import FormatName, LevelName


def compare(
    reference: Annotated[Path, typer.Argument(metavar="REF", help="What was said: a file, or a folder of files.")],
    hypothesis_a: Annotated[Path, typer.Argument(metavar="HYP_A", help="What one system wrote down.")],
    hypothesis_b: Annotated[Path, typer.Argument(metavar="HYP_B", help="What the other wrote down.")],
    *,
    dialect: Annotated[
        str | None, typer.Option(metavar="TAG", help="Dialect of utterances whose file gives none.")
    ] = None,
    level: Annotated[
        LevelName | None,
        typer.Option(help="How much difference in spelling is forgiven. [canonical and lenient]"),
    ] = None,
    output: Annotated[
        Literal["table", "json", "csv"], typer.Option("--format", help="How the comparison is written.")
    ] = "table",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it here. [standard output]")] = None,
    metadata: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Table with id or recording, and speaker, dialect ...")
    ] = None,
    ref_format: Annotated[FormatName | None, typer.Option(help="Format of REF. [told by its name]")] = None,
    hyp_format: Annotated[FormatName | None, typer.Option(help="Format of both HYP. [told by their names]")] = None,
    correction: Annotated[
        Literal["holm", "bh"], typer.Option(help="Of p-values over dialects: Holm, or Benjamini-Hochberg.")
    ] = "holm",
    unmatched: Annotated[
        Literal["fail", "skip", "empty"],
        typer.Option(help="Ids that a side lacks: leave out and end with 1; leave out; score against nothing."),
    ] = "fail",
) -> None:
    """Whether one of two systems makes fewer errors, by dialect, on the utterances that both have.

    Exit code: 0 compared, 1 compared but some ids have no partner (they are listed), 2 wrong usage or bad input.
    """
    from app.errors import AppError
    from app.scoring import comparison_tables, options
    from app.scoring.comparing import Correction, compare_corpora
    from app.scoring.inputs import read_corpus, read_references
    from pipeline.errors import PipelineError

    try:
        choices = options.choices_from(
            dialect, metadata, ref_format=ref_format, hyp_format=hyp_format, unmatched=unmatched
        )
        levels = options.levels_from(level)
        options.checked_target(out)
        references = read_references(reference, choices)
        a, b = (read_corpus(references, hypothesis, choices) for hypothesis in (hypothesis_a, hypothesis_b))
        report = compare_corpora(a, b, levels=levels, correction=Correction(correction))
        written = {
            "table": comparison_tables.as_table,
            "json": comparison_tables.as_json,
            "csv": comparison_tables.as_csv,
        }[output]
        options.emit(written(report), out)
    except (AppError, PipelineError) as error:
        options.fail("compare", error)
    options.tell("compare", comparison_tables.unmatched(report, most=options.MOST_IDS_SHOWN))
    if report.is_incomplete:
        raise typer.Exit(options.INCOMPLETE)
