"""`boli models`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from app.asr_models.service import ModelRow

models = typer.Typer(
    help="The models on this machine: list, fetch, import, convert, check, calibrate.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@models.command("list")
def list_models(
    output: Annotated[Literal["table", "json"], typer.Option("--format", help="How the models are written.")] = "table",
) -> None:
    """List the models on this machine and those that can be fetched by name."""
    import json
    from dataclasses import asdict

    from app.asr_models import service
    from app.settings import load_settings

    with _mistakes_told():
        rows = list(service.list_models(load_settings()))
        if output == "json":
            typer.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2))
        else:
            _print_table(rows)


@models.command("fetch")
def fetch_model(
    name: Annotated[str, typer.Argument(help="Name from `boli models list`, such as small or large-v3.")],
    mirror: Annotated[
        str | None, typer.Option(help="Address of a mirror of the model hub, such as https://hf-mirror.com.")
    ] = None,
) -> None:
    """Fetch a model by name; a fetch that broke off goes on where it stopped."""
    from app.asr_models import service
    from app.settings import load_settings

    with _mistakes_told():
        model = service.fetch_model(name, load_settings(), mirror=mirror)
        typer.echo(f"{model.name}: {model.folder}, sha256 {model.passport.weights_sha256}")


@models.command("import")
def import_model(
    source: Annotated[Path, typer.Argument(help="CTranslate2 or Hugging Face folder, or a .pt file; on a stick, say.")],
    name: Annotated[str | None, typer.Option(help="What to call it; otherwise the folder's or file's name.")] = None,
) -> None:
    """Copy a model onto this machine, checked; other checkpoints than CTranslate2's are converted."""
    from app.asr_models import service
    from app.settings import load_settings

    with _mistakes_told():
        model = service.import_model(source, load_settings(), name=name)
        typer.echo(f"{model.name}: {model.folder}, sha256 {model.passport.weights_sha256}")


@models.command("convert")
def convert_model(
    source: Annotated[str, typer.Argument(help="Hugging Face Whisper folder, openai-whisper .pt file, or demo.")],
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="Folder to make; must not exist yet.")],
    quantization: Annotated[
        Literal["int8", "float16", "float32"], typer.Option(help="How the weights are stored.")
    ] = "int8",
) -> None:
    """Convert a checkpoint to a CTranslate2 folder."""
    from app.asr_models import service
    from pipeline.asr.conversion import Quantization

    with _mistakes_told():
        folder = service.convert_model(source, destination, quantization=Quantization(quantization))
        size_mb = sum(file.stat().st_size for file in folder.iterdir()) // 10**6
        typer.echo(f"{folder}: {quantization}, {size_mb} MB")


@models.command("check")
def check_model(
    name: Annotated[str, typer.Argument(help="Name from `boli models list`, or a folder.")],
) -> None:
    """Hash a model's weights anew, load it and let it decode a second of noise."""
    from app.asr_models import service
    from app.settings import load_settings

    with _mistakes_told():
        report = service.check_model(name, load_settings())
        recorded = "as on record" if report.was_recorded else "nothing on record to compare with"
        typer.echo(f"{report.name}: {report.folder}")
        typer.echo(f"  sha256 {report.sha256}, {recorded}; revision {report.revision}")
        languages = "" if report.n_languages is None else f", {report.n_languages} languages"
        typer.echo(f"  loads in {report.load_ms} ms{languages}; decodes a second of noise in {report.decode_ms} ms")


@models.command("calibrate")
def calibrate_model(
    name: Annotated[str, typer.Argument(help="Name from `boli models list`, or a folder.")],
    material: Annotated[
        Path, typer.Option("--on", metavar="DIR", help="Recordings with a manifest of path, dialect and transcript.")
    ],
) -> None:
    """Measure whether a model loses anything in short context, which is several times faster, and mark it so."""
    from app.asr_models.calibration import calibrate
    from app.settings import load_settings

    with _mistakes_told():
        found = calibrate(name, material, load_settings())
        for context, result in (("full", found.full), ("short", found.short)):
            typer.echo(
                f"{context:5} context: {result.error_rate:.2%} errors in {result.n_tokens} tokens, {result.n_failing} "
                f"of {result.n_segments} segments fail a check, {result.seconds:.1f} s"
            )
        verdict = (
            "verified: used by default" if found.is_verified else "not verified: the full window stays the default"
        )
        typer.echo(f"{name}: short context {verdict}")


@contextmanager
def _mistakes_told() -> Iterator[None]:
    from app.errors import AppError
    from app.screen import fault_of, mistake_line
    from pipeline.errors import PipelineError

    try:
        yield
    except (AppError, PipelineError) as error:
        typer.echo(mistake_line("boli models", error), err=True)
        raise typer.Exit(1) from error
    except OSError as error:
        typer.echo(mistake_line("boli models", OSError(fault_of(error))), err=True)
        raise typer.Exit(1) from error


def _print_table(rows: list[ModelRow]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("name", "here", "MB", "sha256", "licence", "short context"):
        table.add_column(title, justify="right" if title == "MB" else "left", no_wrap=True)
    for row in rows:
        table.add_row(
            row.name,
            "yes" if row.is_here else "fetch",
            str(row.size_mb),
            (row.sha256 or "")[:12],
            row.licence or "unknown",
            "verified" if row.short_context_verified else "no",
        )
    Console().print(table)
