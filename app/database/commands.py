"""`boli migrate`."""

from __future__ import annotations

import typer


def migrate() -> None:
    """Bring the database to the newest tables. `boli serve` and `boli worker` do so by themselves.

    Safe to repeat, and safe while others do it too. Exit code: 0 done, 1 the database cannot be reached or is newer.
    """
    from sqlalchemy import make_url

    from app.database import service
    from app.errors import AppError
    from app.settings import load_settings

    try:
        url = load_settings().database_url
        service.migrate(url)
    except AppError as error:
        typer.echo(f"boli migrate: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{make_url(url).render_as_string(hide_password=True)}: up to date")
