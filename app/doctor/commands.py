"""`boli doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.screen import mistake_line

if TYPE_CHECKING:
    from app.doctor.service import Finding
    from app.settings import Settings


def doctor(
    *,
    format_: Annotated[Literal["table", "json"], typer.Option("--format", help="How to show it.")] = "table",
) -> None:
    """Say what is installed, what is missing and how to mend it. Exit code 0: recordings can be transcribed, else 1."""
    from app.doctor.service import can_transcribe, examine
    from app.errors import AppError

    try:
        settings = _settings()
    except AppError as error:
        typer.echo(mistake_line("boli doctor: a setting is wrong", error), err=True)
        raise typer.Exit(1) from error
    findings = examine(settings)
    if format_ == "json":
        _show_json(findings)
    else:
        _show_table(findings)
    raise typer.Exit(0 if can_transcribe(findings) else 1)


def _settings() -> Settings | Exception:
    """The settings, or what is wrong with the packages that read them."""
    from app.errors import AppError

    try:
        from app.settings import load_settings

        return load_settings()
    except AppError:
        raise
    except Exception as error:
        # A broken package may raise anything at all, and to name it is what this command is for.
        return error


def _show_json(findings: list[Finding]) -> None:
    import json
    from dataclasses import asdict

    from app.doctor.service import can_transcribe

    content = {"can_transcribe": can_transcribe(findings), "checks": [asdict(finding) for finding in findings]}
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))


def _show_table(findings: list[Finding]) -> None:
    from app.doctor.service import can_transcribe

    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        typer.echo(f"{finding.state.value:8}{finding.name:{width}}  {finding.detail}")
        if finding.remedy:
            typer.echo(f"{'':8}{'':{width}}  -> {finding.remedy}")
    typer.echo("recordings can be transcribed" if can_transcribe(findings) else "recordings cannot be transcribed yet")
