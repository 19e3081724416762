"""`boli submit`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from app.transcription.commands import FAILED, NOT_STARTED, STOPPED

if TYPE_CHECKING:
    from app.submission.client import Project, Service
    from app.submission.selection import Selection
    from app.submission.service import Submission

_MOST_FAILURES_TOLD = 20

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of recordings.")]
ProjectName = Annotated[str, typer.Option("--project", metavar="NAME|ID", help="Project that they belong to.")]
Manifest = Annotated[
    Path | None, typer.Option(metavar="FILE", help="CSV, TSV or JSON Lines with a column path; else all of DIR.")
]
Server = Annotated[str, typer.Option(metavar="URL", help="Where the service is.")]
Threads = Annotated[int, typer.Option("--parallel", min=1, max=32, help="Files that are sent at once.")]


def submit(
    folder: Folder,
    *,
    project: ProjectName,
    manifest: Manifest = None,
    server: Server = "http://127.0.0.1:8080",
    parallel: Threads = 4,
) -> None:
    """Send recordings to the service; a second run goes on where the first ended, and sends nothing twice.

    Exit code: 0 all there, 1 something failed, 2 wrong usage (nothing was sent), 130 stopped by Ctrl-C.
    """
    from app.errors import AppError
    from app.submission.client import Service
    from app.submission.selection import select

    try:
        selection = select(folder, manifest)
        with closing(Service(server, n_connections=parallel)) as service:
            chosen = service.project(project)
            _judge(service, chosen, selection, manifest)
            _execute(service, chosen, selection, n_threads=parallel)
    except AppError as error:
        typer.echo(f"boli submit: {error}", err=True)
        raise typer.Exit(NOT_STARTED) from error
    except KeyboardInterrupt:
        typer.echo("boli submit: stopped; run the same command again to go on", err=True)
        raise typer.Exit(STOPPED) from None


def _judge(service: Service, project: Project, selection: Selection, manifest_file: Path | None) -> None:
    """See that the manifest fits the project, and tell what of it goes nowhere."""
    from app.errors import Invalid
    from app.manifests.faults import MOST_FAULTS_SHOWN, shown

    if selection.manifest is None or manifest_file is None:
        return
    found = service.check_manifest(project, manifest_file.name, selection.content)
    if found["n_faults"]:
        lines = [
            f"{manifest_file}: line {each['line']}, column {each['column']!r}, value {shown(each['value'])}: "
            f"{each['expected']}"
            for each in found["faults"][:MOST_FAULTS_SHOWN]
        ]
        n_more = found["n_faults"] - len(lines)
        raise Invalid("\n".join([*lines, *([f"... and {n_more} more"] if n_more else [])]))
    if found["unused_columns"]:
        names = ", ".join(map(shown, found["unused_columns"]))
        typer.echo(f"boli submit: nobody reads these columns of the manifest: {names}", err=True)
    if selection.n_left_out:
        typer.echo(f"boli submit: {selection.n_left_out} recordings are not in the manifest and stay here", err=True)


def _execute(service: Service, project: Project, selection: Selection, *, n_threads: int) -> NoReturn:
    """Send, tell how it went, and leave with the exit code."""
    from rich.console import Console

    from app.settings import load_settings
    from app.submission.hashes import Hashes
    from app.submission.service import Submission
    from app.submission.tally import Tally, shown

    tally = Tally(len(selection.items), size_bytes=sum(item.size_bytes for item in selection.items))
    with closing(Hashes(load_settings().cache_folder)) as hashes:
        submission = Submission(service, project, selection.items, hashes, tally, n_threads)
        with _told(submission), shown(tally, Console(stderr=True)) as refresh:
            submission.execute(refresh)
    raise typer.Exit(FAILED if submission.failures else 0)


@contextmanager
def _told(submission: Submission) -> Iterator[None]:
    """Tell what became of the files, also of a run that was stopped."""
    try:
        yield
    finally:
        counts = submission.tally.outcomes
        typer.echo(
            f"{len(submission.items)} recordings for {submission.project.name!r}: {counts['sent']} sent, "
            f"{counts['known']} there already, {counts['linked']} the same as others there, {counts['failed']} failed"
        )
        for failure in submission.failures[:_MOST_FAILURES_TOLD]:
            typer.echo(f"  {failure.name}: {failure.reason}", err=True)
        if len(submission.failures) > _MOST_FAILURES_TOLD:
            typer.echo(f"  ... and {len(submission.failures) - _MOST_FAILURES_TOLD} more", err=True)
