"""The `boli` command. Heavy imports live inside the commands, so that `boli --help` is instant."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app.asr_models.commands import models
from app.audio.commands import probe
from app.consistency.commands import check
from app.database.commands import migrate
from app.dialects.commands import dialects
from app.doctor.commands import doctor
from app.jobs.commands import jobs, worker
from app.projects.commands import projects
from app.recordings.commands import recordings
from app.scoring.commands import normalise
from app.scoring.compare import compare
from app.scoring.score import score
from app.screen import fault_of, make_streams_write_anything, mistake_line
from app.segmentation.commands import segment
from app.serving.commands import serve
from app.submission.commands import submit
from app.transcription.commands import transcribe

UNUSABLE = 2
"""As for wrong usage: a path or a stream that the system refuses."""


class _NoTraceback(TyperGroup):
    """Commands whose last resort is a message: what the system refuses is told, and never as a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command to the last byte of its output."""
        try:
            try:
                return super().main(*args, **kwargs)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            _let_go_of_output()
            sys.exit(1)  # who reads has had enough, as with `| head`
        except OSError as error:
            _let_go_of_output()
            typer.echo(mistake_line("boli", OSError(fault_of(error))), err=True)
            sys.exit(UNUSABLE)


def _let_go_of_output() -> None:
    """Drop what cannot be written, or Python tries once more when it ends, and says so at length."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


cli = typer.Typer(
    name="boli",
    cls=_NoTraceback,
    help="Recordings in Indian and Chinese languages and dialects into transcripts that people can trust.",
    no_args_is_help=True,
    rich_markup_mode=None,  # help is text: rich would take [noise] for a style and drop it
    pretty_exceptions_show_locals=False,
    add_completion=False,
)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        from importlib.metadata import version

        typer.echo(f"boli {version('boli')}")
        raise typer.Exit


@cli.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Also keeps `boli COMMAND` even while there is one command alone."""


cli.command()(check)
cli.command()(compare)
cli.command()(dialects)
cli.command()(doctor)
cli.command()(migrate)
cli.command()(normalise)
cli.command()(probe)
cli.command()(score)
cli.command()(segment)
cli.command()(serve)
cli.command()(submit)
cli.command()(transcribe)
cli.command()(worker)
cli.add_typer(jobs, name="jobs")
cli.add_typer(models, name="models")
cli.add_typer(projects, name="projects")
cli.add_typer(recordings, name="recordings")


def main() -> None:
    """Entry point of the console script."""
    make_streams_write_anything()
    cli()
