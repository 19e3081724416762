"""The model that drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.doctor.faults import Fault
from app.doctor.packages import TRAIN

if TYPE_CHECKING:
    from app.settings import Settings


def loads(settings: Settings) -> str:
    """The model of the settings, loaded as for drafting but never fetched.

    Its revision is the sha256 of its weights, shortened.
    """
    from dataclasses import replace

    from app.asr_models.options import load_options
    from pipeline.asr.loading import Fetching, load_recogniser
    from pipeline.errors import PipelineError

    options = replace(load_options(settings), fetching=Fetching.NEVER)
    try:
        recogniser = load_recogniser(settings.model, engine=settings.engine, options=options)
    except PipelineError as error:
        raise Fault(f"{settings.model!r} does not load: {error}", _remedy(settings)) from error
    identity = recogniser.identity
    return f"{identity.name} by {identity.engine}, revision {identity.revision}"


def _remedy(settings: Settings) -> str:
    from pipeline.known_models import KNOWN_MODELS

    match settings.engine:
        case "http":
            return "set BOLI_ASR_URL to the service's address, as in https://host/v1; or leave BOLI_ENGINE empty"
        case "openai-whisper":
            return f"{TRAIN}; or leave BOLI_ENGINE empty"
        case None | "" | "ctranslate2" if settings.model in KNOWN_MODELS:
            return f"`boli models fetch {settings.model}`, or set BOLI_MODEL to one that is here (`boli models list`)"
        case None | "" | "ctranslate2" | "fake":
            return "set BOLI_MODEL to `demo` or a folder; see `boli models list`"
        case _:
            return "leave BOLI_ENGINE empty, or set it to ctranslate2, openai-whisper, http or fake"
