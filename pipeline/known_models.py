"""Whisper checkpoints that can be fetched by name, already in CTranslate2 form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A checkpoint on the model hub."""

    name: str
    repository: str
    size_mb: int
    """About, of the float16 weights."""
    licence: str = "MIT"


KNOWN_MODELS = {
    model.name: model
    for model in (
        KnownModel("tiny", "Systran/faster-whisper-tiny", 76),
        KnownModel("tiny.en", "Systran/faster-whisper-tiny.en", 76),
        KnownModel("base", "Systran/faster-whisper-base", 145),
        KnownModel("base.en", "Systran/faster-whisper-base.en", 145),
        KnownModel("small", "Systran/faster-whisper-small", 484),
        KnownModel("small.en", "Systran/faster-whisper-small.en", 484),
        KnownModel("medium", "Systran/faster-whisper-medium", 1528),
        KnownModel("medium.en", "Systran/faster-whisper-medium.en", 1528),
        KnownModel("large-v1", "Systran/faster-whisper-large-v1", 3087),
        KnownModel("large-v2", "Systran/faster-whisper-large-v2", 3087),
        KnownModel("large-v3", "Systran/faster-whisper-large-v3", 3087),
        KnownModel("large", "Systran/faster-whisper-large-v3", 3087),
        KnownModel("large-v3-turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo", 1618),
        KnownModel("turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo", 1618),
        KnownModel("distil-small.en", "Systran/faster-distil-whisper-small.en", 332),
        KnownModel("distil-medium.en", "Systran/faster-distil-whisper-medium.en", 789),
        KnownModel("distil-large-v2", "Systran/faster-distil-whisper-large-v2", 1513),
        KnownModel("distil-large-v3", "Systran/faster-distil-whisper-large-v3", 1513),
        KnownModel("distil-large-v3.5", "distil-whisper/distil-large-v3.5-ct2", 1513),
    )
}
"""By name, as faster-whisper names them. Source: faster-whisper 1.2.1, utils.py."""
