"""Checks of this machine: whether the main job can run, and what would let it do more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.doctor import machine, model, packages, programs
from app.doctor.faults import Fault

if TYPE_CHECKING:
    from app.settings import Settings


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    MISSING = "missing"
    """Not there; the main job runs without it."""
    BROKEN = "broken"
    """The main job cannot run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    name: str
    state: State
    detail: str
    remedy: str = ""
    """What to do, in plain words; empty where nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at: `look` says what is there, or raises Fault."""

    name: str
    look: Callable[[], str]
    state_on_fault: State


def checks_of_machine() -> Sequence[Check]:
    """What needs no settings, what the main job needs first."""
    needed, useful = State.BROKEN, State.MISSING
    return (
        Check("python", machine.python, needed),
        Check("boli", packages.boli, needed),
        Check("memory", machine.memory, useful),
        Check("ctranslate2", packages.ctranslate2, needed),
        Check("av", packages.av, needed),
        Check("codecs", packages.codecs, needed),
        Check("webrtcvad", packages.webrtcvad, needed),
        Check("opencc", packages.opencc, needed),
        Check("tokenizers", packages.tokenizers, needed),
        Check("libraries", packages.libraries, needed),
        Check("silero", packages.silero, useful),
        Check("gpu", packages.gpu, useful),
        Check("training", packages.training, useful),
        Check("espeak-ng", programs.espeak, useful),
        Check("chromium", programs.chromium, useful),
        Check("sclite", programs.sclite, useful),
    )


def checks_of_settings(settings: Settings) -> Sequence[Check]:
    """What follows from the settings."""
    return (
        Check("processor", lambda: machine.processor(settings.threads), State.MISSING),
        Check("cache folder", lambda: machine.cache_folder(settings.cache_folder), State.BROKEN),
        Check("model", lambda: model.loads(settings), State.BROKEN),
    )


def examine(settings: Settings | Exception) -> list[Finding]:
    """The findings of every check; a check never raises.

    settings: why they cannot be read, where the package that reads them is broken.
    """
    if isinstance(settings, Exception):
        detail = f"cannot be read ({type(settings).__name__}: {settings})"
        of_settings = [Finding("settings", State.BROKEN, detail, packages.REINSTALL)]
    else:
        of_settings = [_found(check) for check in checks_of_settings(settings)]
    return [*(_found(check) for check in checks_of_machine()), *of_settings]


def can_transcribe(findings: Sequence[Finding]) -> bool:
    """Whether the main job can run."""
    return all(finding.state is not State.BROKEN for finding in findings)


def _found(check: Check) -> Finding:
    try:
        return Finding(check.name, State.OK, check.look())
    except Fault as fault:
        return Finding(check.name, check.state_on_fault, fault.detail, fault.remedy)
    except Exception as error:
        # A broken package may raise anything at all, and to name it is what this command is for.
        return Finding(check.name, check.state_on_fault, f"{type(error).__name__}: {error}", packages.REINSTALL)
