"""Whether a name can be that of a model: told without loading any, so that the web process may ask."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import PurePath

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import FieldFault, Invalid
from app.settings import Settings
from models.asr_model import AsrModel
from models.project import Project
from pipeline.known_models import KNOWN_MODELS

_ENGINES_OF_ANY_NAME = ("http", "fake")
_DEMO = "demo"


def require_known(session: Session, model: str, settings: Settings) -> None:
    """That a worker may have a model of this name: a misspelt one would fail its job hours later.

    A path is the workers' own affair, and so is any name where another service or the fake recognises.

    Raises:
        Invalid: it is none of those that are published, kept on this machine, or used before.
    """
    if settings.engine in _ENGINES_OF_ANY_NAME or len(PurePath(model).parts) > 1:
        return
    known = {_DEMO, *KNOWN_MODELS, *_kept(settings)}
    if model not in known:
        known |= {*session.scalars(select(AsrModel.name)), *session.scalars(select(Project.model).distinct())}
    if model not in known:
        nearest = ", ".join(get_close_matches(model, sorted(known), n=3)) or "none is near"
        fault = FieldFault(
            "model", repr(model), f"a model that `boli models list` names, or a path; nearest: {nearest}"
        )
        raise Invalid(f"there is no model {model!r}, expected {fault.expected}", fault)


def _kept(settings: Settings) -> list[str]:
    folder = settings.cache_folder / "models"
    return [each.name for each in folder.iterdir()] if folder.is_dir() else []
