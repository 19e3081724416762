"""`boli score`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from app.scoring.scores import ScoreReport

FormatName = Literal["plain", "tsv", "csv", "jsonl", "ctm", "stm", "trn", "kaldi"]
LevelName = Literal["canonical", "lenient", "raw"]
Output = Literal["table", "json", "csv", "html"]


def score(
    reference: Annotated[Path, typer.Argument(metavar="REF", help="What was said: a file, or a folder of files.")],
    hypothesis: Annotated[Path, typer.Argument(metavar="HYP", help="What was written down: a file or a folder.")],
    *,
    dialect: Annotated[
        str | None, typer.Option(metavar="TAG", help="Dialect of utterances whose file gives none.")
    ] = None,
    by: Annotated[str, typer.Option(metavar="NAMES", help="Also by speaker, district, gender, recording.")] = "",
    level: Annotated[
        LevelName | None,
        typer.Option(help="How much difference in spelling is forgiven. [canonical and lenient]"),
    ] = None,
    output: Annotated[Output, typer.Option("--format", help="How the scores are written.")] = "table",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write them here. [standard output]")] = None,
    metadata: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Table with id or recording, and speaker, dialect ...")
    ] = None,
    ref_format: Annotated[FormatName | None, typer.Option(help="Format of REF. [told by its name]")] = None,
    hyp_format: Annotated[FormatName | None, typer.Option(help="Format of HYP. [told by its name]")] = None,
    unmatched: Annotated[
        Literal["fail", "skip", "empty"],
        typer.Option(help="Ids that one side lacks: leave out and end with 1; leave out; score against nothing."),
    ] = "fail",
    trn: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write ref.trn and hyp.trn, to check with NIST sclite.")
    ] = None,
) -> None:
    """Error rates of transcripts by dialect, with their intervals.

    Exit code: 0 scored, 1 scored but some ids have no partner (they are listed), 2 wrong usage or bad input.
    """
    from app.errors import AppError
    from app.scoring import options
    from app.scoring.inputs import read_corpus, read_references
    from app.scoring.service import score as scored
    from app.scoring.tables import unmatched_lines
    from app.scoring.trn_files import trn_files
    from pipeline.errors import PipelineError

    try:
        choices = options.choices_from(
            dialect, metadata, ref_format=ref_format, hyp_format=hyp_format, unmatched=unmatched
        )
        groupings, levels = options.groupings_from(by), options.levels_from(level)
        options.checked_target(out)
        options.checked_folder(trn)
        corpus = read_corpus(read_references(reference, choices), hypothesis, choices)
        report = scored(corpus, levels=levels, groupings=groupings)
        beside = trn_files(corpus, trn, level=levels[0]) if trn else {}
        options.emit(_written(report, output), out, beside=beside)
    except (AppError, PipelineError) as error:
        options.fail("score", error)
    options.tell("score", unmatched_lines(corpus, most=options.MOST_IDS_SHOWN))
    if corpus.is_incomplete:
        raise typer.Exit(options.INCOMPLETE)


def _written(report: ScoreReport, output: Output) -> str:
    from app.scoring.html import as_html
    from app.scoring.tables import as_csv, as_json, as_table

    match output:
        case "table":
            return as_table(report)
        case "json":
            return as_json(report)
        case "csv":
            return as_csv(report)
        case "html":
            return as_html(report)
