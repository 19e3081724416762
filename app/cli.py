"""The `boli` command. Heavy imports live inside the commands, so that `boli --help` is instant."""

from __future__ import annotations

import typer

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
from app.segmentation.commands import segment
from app.serving.commands import serve
from app.submission.commands import submit
from app.transcription.commands import transcribe

cli = typer.Typer(
    name="boli",
    help="Recordings in Indian and Chinese languages and dialects into transcripts that people can trust.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
cli.callback()(lambda: None)  # keeps `boli COMMAND` even while there is one command alone
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
    cli()
