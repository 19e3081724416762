"""The model that drafts."""

from __future__ import annotations

from app.doctor.faults import Fault
from app.settings import Settings


def loads(settings: Settings) -> str:
    """The model of the settings, loaded as for drafting; its revision is the sha256 of its weights, shortened."""
    from pipeline.asr.loading import LoadOptions, load_recogniser
    from pipeline.errors import PipelineError

    try:
        recogniser = load_recogniser(
            settings.model,
            engine=settings.engine,
            options=LoadOptions(settings.cache_folder, threads=settings.threads, mirror=settings.mirror),
        )
    except PipelineError as error:
        raise Fault(
            f"{settings.model!r} does not load: {error}", "set BOLI_MODEL to `demo` or a folder; see `boli models`"
        ) from error
    identity = recogniser.identity
    return f"{identity.name} by {identity.engine}, revision {identity.revision}"
