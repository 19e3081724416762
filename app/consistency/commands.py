"""`boli check`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from app.consistency.faults import Fault
    from app.consistency.service import Report
    from app.jobs.context import JobContext


def check(
    repair: Annotated[
        bool, typer.Option("--repair", help="Make again what can be made again; a client's audio is never deleted.")
    ] = False,
    hashes: Annotated[bool, typer.Option("--hash", help="Read every recording and compare its hash, too.")] = False,
    grace_hours: Annotated[
        float, typer.Option(min=0, help="Files without a row are let be while they are younger than this.")
    ] = 24,
    output: Annotated[Literal["table", "json"], typer.Option("--format", help="How faults are written.")] = "table",
) -> None:
    """Compare the database with the files, both ways. It may run beside the service.

    Exit code: 0 all is well or was repaired, 1 something is wrong, 2 the check could not be made.
    """
    from datetime import timedelta

    from app.consistency.service import Report, find, find_and_repair, thorough_checks, usual_checks
    from app.errors import AppError

    report = Report()
    checks = (thorough_checks if hashes else usual_checks)(grace=timedelta(hours=grace_hours))
    try:
        with _context() as context:
            for fault in (find_and_repair if repair else find)(context, checks):
                report.add(fault)
                if output == "json":
                    _print_line(fault)
    except AppError as error:
        typer.echo(f"boli check: {error}", err=True)
        raise typer.Exit(2) from None
    if output == "table":
        _print_table(report)
    if not report.is_sound:
        raise typer.Exit(1)


@contextmanager
def _context() -> Iterator[JobContext]:
    from app.database.service import migrate
    from app.db import open_engine, sessions
    from app.jobs.context import JobContext
    from app.settings import load_settings
    from app.storage import open_store

    settings = load_settings()
    migrate(settings.database_url)
    store = open_store(settings)
    next(iter(store.list()), None)  # a bucket that is not there would make every recording look lost
    engine = open_engine(settings.database_url)
    try:
        yield JobContext(settings, sessions(engine), store)
    finally:
        engine.dispose()


def _print_line(fault: Fault) -> None:
    import json
    from dataclasses import asdict

    typer.echo(json.dumps(asdict(fault), default=str))


def _print_table(report: Report) -> None:
    from app.api.console import print_table

    if not report.counts:
        typer.echo("database and files agree")
        return
    print_table(("what", "where", "", "repaired"), _rows(report))


def _rows(report: Report) -> Iterator[tuple[object, ...]]:
    from app.consistency.faults import FaultKind

    for kind in FaultKind:
        shown = [fault for fault in report.shown if fault.kind is kind]
        yield from ((kind, fault.place, fault.detail, "yes" if fault.is_repaired else "no") for fault in shown)
        n_left, n_repaired = report.of(kind)
        if n_left + n_repaired > len(shown):
            yield kind, f"... {n_left + n_repaired} in all", f"{n_repaired} repaired", ""
