"""`boli normalise`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

if TYPE_CHECKING:
    from pipeline.text.profiles import Level, Profile

Read = TypeVar("Read")
_UNITS = {"word": "words", "mixed": "mixed tokens", "character": "characters"}


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
    """Show a text in the form in which it is scored, line by line.

    Tags such as [noise] are left out, and of alternatives { a / b } the first is taken.
    Exit code: 0 done, 1 unknown dialect or unreadable text, 2 wrong usage.
    """
    from app.scoring.writing import to_standard_output
    from pipeline.dialects import get_dialect
    from pipeline.errors import PipelineError
    from pipeline.text.profiles import Level, get_profile

    shown = _explanations if explain else _normalised
    try:
        profile = get_profile(get_dialect(dialect).profile)
        lines = list(shown(_given_lines(text), profile, Level(level)))
    except PipelineError as fault:
        typer.echo(f"boli normalise: {fault}", err=True)
        raise typer.Exit(1) from None
    to_standard_output("".join(f"{line}\n" for line in lines))


def _given_lines(text: str) -> list[str]:
    """The lines of the argument, or of standard input where it is `-`."""
    from pipeline.text.edges import decoded

    if text == "-":
        given = decoded(typer.get_binary_stream("stdin").read(), source="standard input")
    else:
        given = decoded(os.fsencode(text), source="TEXT")
    return given.removesuffix("\n").split("\n")


def _normalised(lines: Sequence[str], profile: Profile, level: Level) -> Iterator[str]:
    from pipeline.text.profiles import normalise_all
    from pipeline.text.tags import spoken_text

    yield from normalise_all([_of_line(lines, place, spoken_text) for place in range(len(lines))], profile, level=level)


def _explanations(lines: Sequence[str], profile: Profile, level: Level) -> Iterator[str]:
    """For each text, a line for each step that did something: its name, the text after it, its reason."""
    from pipeline.text.profiles import explain, normalise
    from pipeline.text.tags import markup_steps, spoken_text

    yield f"profile {profile.name}, level {level}, scored in {_UNITS[profile.unit.value]}"
    for place, line in enumerate(lines):
        steps = _of_line(lines, place, markup_steps)
        yield f"  {'':24}{line}"
        for step in (*steps, *explain(steps[-1].after if steps else line, profile, level=level)):
            yield f"  {step.rule:24}{step.after}"
            yield f"  {'':24}({step.why})"
        yield f"  {'result':24}{normalise(spoken_text(line), profile, level=level)}"


def _of_line(lines: Sequence[str], place: int, read: Callable[[str], Read]) -> Read:
    """What one line is read as; an error names the line where there are several.

    Raises: TagSyntaxError.
    """
    from pipeline.text.tags import TagSyntaxError

    try:
        return read(lines[place])
    except TagSyntaxError as fault:
        raise TagSyntaxError(f"line {place + 1}: {fault}" if len(lines) > 1 else str(fault)) from None
