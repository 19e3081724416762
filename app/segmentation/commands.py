"""`boli segment`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def segment(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings, or folders of them.")],
    *,
    dialect: Annotated[
        str, typer.Option("--dialect", metavar="TAG", help="Their language variety: it sets the longest segment.")
    ],
    vad: Annotated[
        Literal["webrtc", "silero"],
        typer.Option(
            help="Voice-activity detector: webrtc is 7 times faster, silero sturdier in noise that swells and falls."
        ),
    ] = "webrtc",
    target_ms: Annotated[
        int | None,
        typer.Option(min=1_000, help="Merge speech across pauses up to this length; none: about 9 s, for correcting."),
    ] = None,
    output: Annotated[
        Literal["table", "json", "tsv"], typer.Option("--format", help="How the segments are written.")
    ] = "table",
) -> None:
    """Show where recordings would be cut into segments for drafting and correction.

    Exit code: 0 all could be read, 1 some could not (the others are shown), 2 wrong usage.
    """
    from app.audio.service import files_to_probe
    from app.errors import AppError
    from app.screen import mistake_line
    from app.segmentation.display import as_json, as_tsv, print_table
    from app.segmentation.service import segment_files
    from pipeline.dialects import get_dialect
    from pipeline.errors import ModelUnavailable, UnknownDialect
    from pipeline.segmentation import rules_for
    from pipeline.vad import Detector

    try:
        files = files_to_probe(paths)
        rules = rules_for(get_dialect(dialect), target_ms=target_ms, detector=Detector(vad))
        results = list(segment_files(files, rules, detector=Detector(vad)))
    except (AppError, UnknownDialect, ModelUnavailable) as error:
        typer.echo(mistake_line("boli segment", error), err=True)
        raise typer.Exit(2) from None
    if output == "table":
        print_table(results)
    else:
        typer.echo(as_json(results) if output == "json" else as_tsv(results), nl=output == "json")
    faults = [result.fault for result in results if result.fault]
    for fault in faults:
        typer.echo(mistake_line("boli segment", fault), err=True)
    if faults:
        raise typer.Exit(1)
