"""`boli dialects`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer


def dialects(
    query: Annotated[
        str, typer.Argument(metavar="[QUERY]", help="Name in any script, tag, ISO code, state or district; none: all.")
    ] = "",
    *,
    output: Annotated[
        Literal["table", "json", "tsv"], typer.Option("--format", help="How the varieties are written.")
    ] = "table",
) -> None:
    """List the language varieties that Boli knows, best match first.

    Exit code: 0 something found, 1 nothing found (the nearest three are named), 2 wrong usage.
    """
    from app.dialects.listing import as_json, as_tsv, print_table
    from app.screen import mistake_line
    from pipeline.dialects import find_dialects, unknown_dialect

    found = find_dialects(query)
    if not found:
        typer.echo(mistake_line("boli dialects", unknown_dialect(query)), err=True)
        raise typer.Exit(1)
    if output == "table":
        print_table(found)
    else:
        typer.echo(as_json(found) if output == "json" else as_tsv(found))
