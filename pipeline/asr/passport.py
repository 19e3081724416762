"""`boli.json`: what a model folder says of itself beyond its weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import ModelUnavailable

PASSPORT_FILE = "boli.json"


@dataclass(frozen=True, slots=True)
class Passport:
    """Name, licence and what was verified of a model; written beside its weights."""

    name: str | None = None
    licence: str | None = None
    for_demo_only: bool = False
    """Whether the model knows a few words only, so that each of its drafts is flagged."""
    short_context_verified: bool = False
    """Whether clips may be encoded with fewer than 30 s of positions without loss."""
    short_context_margin_ms: int = 2560
    """Silence encoded after the end of a clip in short context."""
    short_context_min_ms: int = 5000
    """Shortest window in short context."""
    source_sha256: str | None = None
    """Of the checkpoint that a converted folder was made from."""
    quantization: str | None = None
    weights_sha256: str | None = None
    """Of the folder's own model.bin when it was put there; what it is checked against."""
    origin: str | None = None
    """Where it came from: a repository and its commit, or a folder."""


def read_passport(folder: Path) -> Passport:
    """The passport of a model folder; one without any claims where there is none.

    Raises:
        ModelUnavailable: the file is there but is no such passport.
    """
    file = folder / PASSPORT_FILE
    if not file.is_file():
        return Passport()
    content = read_json(file)
    defaults = asdict(Passport())
    claims: dict[str, Any] = {name: content[name] for name in defaults if name in content}
    for name, value in claims.items():
        expected = type(defaults[name]) if defaults[name] is not None else str
        if not isinstance(value, expected) and not (value is None and defaults[name] is None):
            raise ModelUnavailable(f"{file}: {name} is {value!r}, expected {expected.__name__}")
    return Passport(**claims)


def write_passport(passport: Passport, folder: Path) -> None:
    """Write or replace the passport of a model folder, in one step."""
    partial = folder / f".{PASSPORT_FILE}.part"
    partial.write_text(json.dumps(asdict(passport), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    partial.replace(folder / PASSPORT_FILE)


def read_json(file: Path) -> dict[str, object]:
    """A JSON object from a file of a model folder.

    Raises:
        ModelUnavailable: missing, unreadable, or no JSON object.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelUnavailable(f"{file}: missing, expected in a model folder") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelUnavailable(f"{file}: not readable as JSON ({error})") from error
    if not isinstance(content, dict):
        raise ModelUnavailable(f"{file}: holds a {type(content).__name__}, expected a JSON object")
    return content
