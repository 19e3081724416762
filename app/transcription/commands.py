"""`boli transcribe`."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

if TYPE_CHECKING:
    from app.transcription.preparation import Request
    from app.transcription.report import RunReport

FAILED = 1
NOT_STARTED = 2
STOPPED = 130
"""After Ctrl-C. Source: POSIX shells, 128 + SIGINT."""


Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH...", help="Recordings, folders of them, or patterns; none: all of the manifest."),
]
DialectTag = Annotated[
    str | None, typer.Option(metavar="TAG", help="Dialect of recordings to which the manifest gives none.")
]
Manifest = Annotated[
    Path | None, typer.Option(metavar="FILE", help="CSV, TSV or JSON Lines with a column path and a column tag.")
]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Where the transcripts go.")]
Formats = Annotated[
    str, typer.Option("--format", metavar="NAMES", help="jsonl, srt, vtt, txt, textgrid, eaf, ctm, tsv.")
]
Model = Annotated[
    str | None, typer.Option(metavar="NAME|FOLDER", help="Model that drafts. (Else the setting BOLI_MODEL.)")
]
Engine = Annotated[
    str | None, typer.Option(metavar="NAME", help="Engine that runs the model. (Else the setting BOLI_ENGINE.)")
]
Among = Annotated[
    str | None,
    typer.Option(metavar="TAG,TAG", help="Where no dialect is given, let the model choose one of these by ear."),
]
TargetMs = Annotated[
    int | None,
    typer.Option(min=1000, help="Length up to which neighbours are joined; else 9 s, or in full context the longest."),
]
Vad = Annotated[Literal["webrtc", "silero"], typer.Option(help="Voice-activity detector.")]
Context = Annotated[
    Literal["auto", "short", "full"], typer.Option(help="What the model sees: the clip alone, or always 30 s.")
]
Beam = Annotated[int, typer.Option(min=1, max=20, help="Beams of the search.")]
Channels = Annotated[Literal["auto", "split", "downmix"], typer.Option(help="Whether channels are kept apart.")]
Threads = Annotated[
    int | None, typer.Option(min=0, max=1024, help="Processor threads; 0: all cores. (Else BOLI_THREADS.)")
]


def transcribe(
    paths: Paths = None,
    *,
    dialect: DialectTag = None,
    among: Among = None,
    manifest: Manifest = None,
    out: Out = Path("transcripts"),
    formats: Formats = "jsonl",
    model: Model = None,
    engine: Engine = None,
    vad: Vad = "webrtc",
    target_ms: TargetMs = None,
    context: Context = "auto",
    beam: Beam = 5,
    channels: Channels = "auto",
    threads: Threads = None,
) -> None:
    """Cut recordings into segments and draft each; a second run goes on where the first ended.

    Exit code: 0 all done, 1 something failed, 2 wrong usage (nothing was started), 130 stopped by Ctrl-C.
    """
    from app.transcription.preparation import Request

    _execute(
        Request(
            paths=tuple(paths or ()),
            dialect=dialect,
            among=among,
            manifest=manifest,
            out=out,
            formats=formats,
            model=model,
            engine=engine,
            vad=vad,
            target_ms=target_ms,
            context=context,
            beam=beam,
            channels=channels,
            threads=threads,
        )
    )


def _execute(request: Request) -> NoReturn:
    """Run the request, tell how it went, and leave with its exit code."""
    from rich.console import Console

    from app.errors import AppError
    from app.screen import mistake_line
    from app.settings import load_settings
    from app.transcription.preparation import prepared
    from app.transcription.progress import shown
    from pipeline.errors import PipelineError

    code_on_error = NOT_STARTED
    try:
        with (
            _stop_announced(),
            prepared(request, load_settings()) as run,
            shown(run.tally, Console(stderr=True)) as refresh,
        ):
            code_on_error = FAILED
            report = run.execute(refresh)
    except (AppError, PipelineError) as error:
        typer.echo(mistake_line("boli transcribe", error), err=True)
        raise typer.Exit(code_on_error) from error
    except KeyboardInterrupt:
        typer.echo("boli transcribe: stopped; run the same command again to go on", err=True)
        raise typer.Exit(STOPPED) from None
    _tell(report, request.out)
    raise typer.Exit(STOPPED if not report.is_complete else FAILED if report.failures else 0)


@contextmanager
def _stop_announced() -> Iterator[None]:
    """Answer Ctrl-C at once, though the batch at hand still ends: seconds with a large model."""

    def stop(_number: int, _frame: object) -> None:
        typer.echo("boli transcribe: stopping (Ctrl-C again: at once)", err=True)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(report: RunReport, out: Path) -> None:
    from app.transcription.report import lines_of

    typer.echo("\n".join(lines_of(report, out)))
