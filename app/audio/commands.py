"""`boli probe`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def probe(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings, or folders of them.")],
    *,
    output: Annotated[
        Literal["table", "json"], typer.Option("--format", help="How the figures are written.")
    ] = "table",
    channels: Annotated[
        Literal["auto", "split", "downmix"],
        typer.Option(
            help="auto: the two sides of a call apart, other channels mixed; split: all apart; downmix: all mixed."
        ),
    ] = "auto",
) -> None:
    """Check recordings before work on them: format, hashes, loudness, noise, bandwidth, clipping, silence.

    Exit code: 0 all could be read, 1 some could not, 2 wrong usage.
    """
    from rich.console import Console

    from app.audio.display import as_json, print_table
    from app.audio.service import NothingToProbe, files_to_probe, probe_files
    from app.screen import mistake_line
    from pipeline.audio import ChannelPolicy

    try:
        files = files_to_probe(paths)
    except NothingToProbe as error:
        typer.echo(mistake_line("boli probe", error), err=True)
        raise typer.Exit(2) from None
    findings = list(probe_files(files, policy=ChannelPolicy(channels)))
    if output == "json":
        typer.echo(as_json(findings))
    else:
        print_table(findings, Console())
    if any(finding.fault for finding in findings):
        raise typer.Exit(1)
