"""Programs beside Python that some of the work wants."""

from __future__ import annotations

import re
import shutil
import subprocess

from app.doctor.faults import Fault

_PATIENCE_S = 10.0


def espeak() -> str:
    """Speech synthesis: only to make the demo model and its test sounds anew."""
    return _version_of(
        ("espeak-ng", "espeak"), "--version", "only for making synthetic speech: install the package espeak-ng"
    )


def chromium() -> str:
    """A browser: only for the tests of the pages."""
    return _version_of(
        ("chromium", "chromium-browser", "google-chrome", "chrome"),
        "--version",
        "only for the tests of the pages: install the package chromium",
    )


def sclite() -> str:
    """NIST's scorer: only to compare error rates with other people's."""
    return _found(("sclite",), "only for scoring as NIST does: build SCTK (github.com/usnistgov/SCTK)")


def _version_of(names: tuple[str, ...], option: str, remedy: str) -> str:
    program = _found(names, remedy)
    try:
        answer = subprocess.run(  # noqa: S603 - a program from PATH by a fixed name
            [program, option], capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Fault(f"{program} does not run: {error}", remedy) from error
    number = re.search(r"\d+(\.\d+)+", answer.stdout)
    return f"{number[0] if number else 'version unknown'}, {program}"


def _found(names: tuple[str, ...], remedy: str) -> str:
    for name in names:
        if path := shutil.which(name):
            return path
    raise Fault("not installed", remedy)
