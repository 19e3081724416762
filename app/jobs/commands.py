"""`boli worker` and `boli jobs`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.jobs.queues import JobState, Queue

if TYPE_CHECKING:
    from app.jobs.inspection import JobRecord, Jobs

Format = Annotated[Literal["table", "json"], typer.Option("--format", help="How the jobs are written.")]
Keys = Annotated[list[str], typer.Argument(metavar="KEY...", help="Keys as `boli jobs list` shows them.")]
_ALL = ",".join(Queue)

jobs = typer.Typer(help="The jobs of this database: list them, cancel them, try dead ones again.", no_args_is_help=True)


def worker(
    queues: Annotated[str, typer.Option(help="Queues to take jobs from, divided by commas.")] = _ALL,
) -> None:
    """Run jobs until told to end; as many workers as there are machines may do so. Brings the database up to date.

    Exit code: 0 ended when told to, 1 it cannot start; the message says why.
    """
    with _mistakes_told("worker"):
        from app.database.service import migrate
        from app.jobs.worker import run_worker
        from app.serving.logs import write_logs
        from app.settings import load_settings

        chosen = _queues(queues)
        settings = load_settings()
        write_logs()
        migrate(settings.database_url)
        run_worker(settings, chosen)


@jobs.command("list")
def list_jobs(
    state: Annotated[list[JobState] | None, typer.Option(help="Only jobs in this state; may be given again.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most, the newest first.")] = 100,
    output: Format = "table",
) -> None:
    """List jobs, the newest first."""
    with _opened("list") as known:
        _write(known.list(state or [], limit=limit), output)


@jobs.command("dead")
def list_dead_jobs(output: Format = "table") -> None:
    """List the jobs that failed for good, with the reason."""
    with _opened("dead") as known:
        _write(known.dead(), output)


@jobs.command("retry")
def retry_jobs(
    keys: Annotated[list[str] | None, typer.Argument(metavar="KEY...", help="Keys of jobs to try again.")] = None,
    all_dead: Annotated[bool, typer.Option("--all", help="Every dead job, instead of keys.")] = False,
) -> None:
    """Put jobs that failed or were cancelled back into their queues. Exit code: 1 one of them cannot be."""
    if bool(keys) == all_dead:
        typer.echo("boli jobs retry: name the keys of jobs, or --all for every dead one", err=True)
        raise typer.Exit(1)
    with _opened("retry") as known:
        chosen = keys or [job.key for job in known.dead()]
        for key in chosen:
            known.retry(key)
            typer.echo(f"{key}: waits again")


@jobs.command("cancel")
def cancel_jobs(keys: Keys) -> None:
    """Take jobs out of their queues; one that runs is told to stop. Exit code: 1 one of them cannot be."""
    with _opened("cancel") as known:
        for key in keys:
            known.cancel(key)
            typer.echo(f"{key}: cancelled")


def _queues(names: str) -> list[Queue]:
    from app.errors import AppError

    chosen = [name.strip() for name in names.split(",") if name.strip()]
    strange = [name for name in chosen if name not in list(Queue)]
    if strange or not chosen:
        raise AppError(f"--queues {names!r} names no queue {', '.join(map(repr, strange))}; there are {_ALL}")
    return [Queue(name) for name in dict.fromkeys(chosen)]


@contextmanager
def _opened(command: str) -> Iterator[Jobs]:
    with _mistakes_told(f"jobs {command}"):
        from app.db import open_engine
        from app.jobs.inspection import Jobs
        from app.settings import load_settings

        engine = open_engine(load_settings().database_url)
        try:
            yield Jobs(engine)
        finally:
            engine.dispose()


@contextmanager
def _mistakes_told(command: str) -> Iterator[None]:
    from sqlalchemy.exc import DBAPIError

    from app.errors import AppError

    try:
        yield
    except AppError as error:
        typer.echo(f"boli {command}: {error}", err=True)
        raise typer.Exit(1) from None
    except DBAPIError as error:
        said = str(error.orig).partition("\n")[0]
        typer.echo(f"boli {command}: the database cannot be read ({said}); `boli migrate` makes its tables", err=True)
        raise typer.Exit(1) from None


def _write(found: Sequence[JobRecord], output: str) -> None:
    if output == "json":
        import json
        from dataclasses import asdict

        typer.echo(json.dumps([asdict(job) for job in found], ensure_ascii=False, indent=2, default=str))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for title in ("key", "queue", "state", "starts", "since", "reason"):
        table.add_column(title, overflow="fold", justify="right" if title == "starts" else "left")
    for job in found:
        since = (job.finished_at or job.started_at or job.created_at).astimezone()
        cells = (job.key, job.queue.value, job.state.value, str(job.n_starts), f"{since:%Y-%m-%d %H:%M}")
        table.add_row(*map(Text, (*cells, job.reason or "")))
    Console().print(table)
