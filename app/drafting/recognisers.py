"""Recognisers, each loaded once a process and kept."""

from __future__ import annotations

from functools import lru_cache

from app.asr_models.options import load_options
from app.settings import Settings
from pipeline.asr.loading import load_recogniser
from pipeline.asr.recogniser import Recogniser

N_KEPT = 2
"""Models that a worker keeps in memory: a project's own and one beside it take turns without being loaded anew."""


@lru_cache(maxsize=N_KEPT)
def kept_recogniser(model: str, settings: Settings) -> Recogniser:
    """A model as the settings run it; one that failed to load is tried anew.

    Raises:
        ModelUnavailable: its weights are not here and cannot be fetched, or do not load.
    """
    return load_recogniser(model, engine=settings.engine, options=load_options(settings))
