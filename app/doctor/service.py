"""Checks of this machine: whether the main job can run, and what would let it do more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.doctor import machine, model, packages, programs
from app.doctor.faults import Fault
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


def checks_for(settings: Settings) -> Sequence[Check]:
    """Every check, what the main job needs first."""
    needed, useful = State.BROKEN, State.MISSING
    return (
        Check("python", machine.python, needed),
        Check("boli", packages.boli, needed),
        Check("processor", lambda: machine.processor(settings.threads), useful),
        Check("memory", machine.memory, useful),
        Check("ctranslate2", packages.ctranslate2, needed),
        Check("av", packages.av, needed),
        Check("codecs", packages.codecs, needed),
        Check("webrtcvad", packages.webrtcvad, needed),
        Check("opencc", packages.opencc, needed),
        Check("tokenizers", packages.tokenizers, needed),
        Check("export", packages.export, needed),
        Check("cache folder", lambda: machine.cache_folder(settings.cache_folder), needed),
        Check("model", lambda: model.loads(settings), needed),
        Check("silero", packages.silero, useful),
        Check("gpu", packages.gpu, useful),
        Check("training", packages.training, useful),
        Check("espeak-ng", programs.espeak, useful),
        Check("chromium", programs.chromium, useful),
        Check("sclite", programs.sclite, useful),
    )


def examine(settings: Settings) -> list[Finding]:
    """The findings of every check; a check never raises."""
    return [_found(check) for check in checks_for(settings)]


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
        return Finding(check.name, check.state_on_fault, f"{type(error).__name__}: {error}", _REINSTALL)


_REINSTALL = "install Boli anew, in a fresh virtual environment"
