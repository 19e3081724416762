"""From what was asked to what can be run: whatever can be wrong with a command is found here, before it starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.asr_models.options import load_options
from app.errors import AppError
from app.paths import is_folder
from app.settings import Settings
from app.transcription.guessing import DialectGuesser
from app.transcription.inputs import InputsInvalid, Recording, find_recordings, output_names
from app.transcription.ledger import Ledger
from app.transcription.manifest import read_manifest
from app.transcription.outputs import Outputs
from app.transcription.progress import Tally
from app.transcription.service import Run
from app.transcription.work import Choices, Target
from pipeline.asr.loading import Context, load_recogniser
from pipeline.asr.recogniser import Recogniser
from pipeline.audio import ChannelPolicy
from pipeline.dialects.catalogue import get_dialect
from pipeline.drafting import DraftRules
from pipeline.exporting import FORMATS, Format
from pipeline.vad import Detector, new_analyser


@dataclass(frozen=True, slots=True)
class Request:
    """The command as it was typed; None where an option was left out."""

    paths: tuple[str, ...]
    dialect: str | None
    among: str | None
    manifest: Path | None
    out: Path
    formats: str
    model: str | None
    engine: str | None
    vad: str
    target_ms: int | None
    context: str
    beam: int
    channels: str
    threads: int | None


@contextmanager
def prepared(request: Request, settings: Settings) -> Iterator[Run]:
    """A run that is ready to start; the output folder is locked until the block ends.

    Raises:
        AppError, PipelineError: the command, the manifest, the model or the folder is no good.
    """
    formats = chosen_formats(request.formats)
    recordings = _recordings(request)
    recogniser = _recogniser(request, settings)
    guesser = DialectGuesser.among(request.among, recogniser) if request.among else None
    choices = _choices(request, recogniser)
    new_analyser(choices.detector)  # a detector that is not installed is told now, not once for each recording
    with Ledger(request.out) as ledger:
        yield Run(
            recordings=recordings,
            names=output_names(recordings, ledger),
            recogniser=recogniser,
            choices=choices,
            guesser=guesser,
            formats=formats,
            ledger=ledger,
            outputs=Outputs(ledger),
            tally=Tally(len(recordings), size_bytes=sum(_size_bytes(recording.path) for recording in recordings)),
        )


def chosen_formats(names: str) -> list[Format]:
    """Formats by their names with commas between; AppError for one that does not exist."""
    wanted = list(dict.fromkeys(name.strip().lower() for name in names.split(",") if name.strip()))
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        raise AppError(f"unknown format {(unknown or [names])[0]!r}; expected some of {', '.join(FORMATS)}")
    return [FORMATS[name] for name in wanted]


def _recordings(request: Request) -> Sequence[Recording]:
    if not request.paths and not request.manifest:
        raise InputsInvalid("nothing to transcribe: give recordings or folders, or a manifest with --manifest")
    if not request.dialect and not request.manifest and not request.among:
        raise InputsInvalid(
            "which dialect? give --dialect TAG (`boli dialects` lists them), or --manifest with one for each recording"
        )
    if request.dialect and request.among:
        raise InputsInvalid("--dialect says what is spoken and --among asks for a guess; give one of them")
    dialect = get_dialect(request.dialect) if request.dialect else None
    folders = [Path(path) for path in request.paths if is_folder(Path(path))]
    entries = read_manifest(request.manifest, folders=folders) if request.manifest else None
    return find_recordings(request.paths, entries, manifest=request.manifest, dialect=dialect)


def _recogniser(request: Request, settings: Settings) -> Recogniser:
    options = replace(
        load_options(settings),
        threads=settings.threads if request.threads is None else request.threads,
        beam_size=request.beam,
        context=Context(request.context),
    )
    return load_recogniser(request.model or settings.model, engine=request.engine or settings.engine, options=options)


def _choices(request: Request, recogniser: Recogniser) -> Choices:
    return Choices(
        target=_target(request.target_ms, recogniser),
        detector=Detector(request.vad),
        channels=ChannelPolicy(request.channels),
        rules=DraftRules(),
        engine={"beam": request.beam, "context": request.context},
    )


def _target(target_ms: int | None, recogniser: Recogniser) -> int | Target:
    if target_ms is not None:
        return target_ms
    return Target.LONGEST if recogniser.has_fixed_cost else Target.ROW


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
