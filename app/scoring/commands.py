"""`boli normalise`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from pipeline.text.profiles import Level, Profile


def normalise(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="What was said, as somebody wrote it; -: standard input.")
    ],
    *,
    dialect: Annotated[str, typer.Option(metavar="TAG", help="Dialect of the text: see `boli dialects`.")],
    level: Annotated[
        Literal["canonical", "lenient", "raw"], typer.Option(help="How much difference in spelling is forgiven.")
    ] = "canonical",
    explain: Annotated[bool, typer.Option("--explain", help="Show what each rule did.")] = False,
) -> None:
    """Show a text in the form in which it is scored.

    Tags such as [noise] are left out, and of alternatives { a / b } the first is taken.
    Exit code: 0 done, 1 unknown dialect or unreadable text, 2 wrong usage.
    """
    from pipeline.dialects import get_dialect
    from pipeline.errors import PipelineError
    from pipeline.text.profiles import Level, get_profile
    from pipeline.text.profiles import normalise as normalised
    from pipeline.text.tags import spoken_text

    try:
        profile = get_profile(get_dialect(dialect).profile)
        spoken = spoken_text(_given_text(text))
    except PipelineError as fault:
        typer.echo(f"boli normalise: {fault}", err=True)
        raise typer.Exit(1) from None
    if explain:
        _print_explanation(spoken, profile, Level(level))
    else:
        typer.echo(normalised(spoken, profile, level=Level(level)))


def _given_text(text: str) -> str:
    """The argument, or standard input where it is `-`."""
    from pipeline.text.edges import decoded

    if text == "-":
        return decoded(typer.get_binary_stream("stdin").read(), source="standard input")
    return decoded(os.fsencode(text), source="TEXT")


def _print_explanation(text: str, profile: Profile, level: Level) -> None:
    """One line for each rule that did something: its name, its reason, the text before and after."""
    from pipeline.text.profiles import explain, normalise

    applications = explain(text, profile, level=level)
    typer.echo(f"profile {profile.name}, level {level}, scored in {profile.unit}s")
    typer.echo(f"  {'':24}{text}")
    for application in applications:
        typer.echo(f"  {application.rule:24}{application.after}")
        typer.echo(f"  {'':24}({application.why})")
    typer.echo(f"  {'result':24}{normalise(text, profile, level=level)}")
