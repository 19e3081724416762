"""`boli serve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.settings import Settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; for now one of this machine alone.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0: any free one.")] = None,
    data_folder: Annotated[Path | None, typer.Option(help="Folder of the database, the files and the keys.")] = None,
) -> None:
    """Run the service: web and worker, on one data folder, until Ctrl-C. Its database is brought up to date first.

    Exit code: 0 ended when told to, 1 it cannot start; the message says why.
    """
    from app.errors import AppError
    from app.serving import service
    from app.serving.logs import write_logs

    write_logs()
    try:
        service.serve(_settings(host, port, data_folder), on_ready=_tell)
    except AppError as error:
        typer.echo(f"boli serve: {error}", err=True)
        raise typer.Exit(1) from None


def _settings(host: str | None, port: int | None, data_folder: Path | None) -> Settings:
    from app.settings import load_settings

    given = {"host": host, "port": port, "data_folder": data_folder and data_folder.absolute()}
    return load_settings().model_copy(update={name: value for name, value in given.items() if value is not None})


def _tell(address: str) -> None:
    typer.echo(f"Boli listens at {address} on this machine alone: there are no accounts yet. Ctrl-C ends it.")
