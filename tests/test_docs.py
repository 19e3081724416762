"""The documents are true: commands and settings are described, links lead somewhere, code runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from app.cli import cli
from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by the words that call it."""
    pending: list[tuple[str, Any]] = [("boli", typer.main.get_command(cli))]
    while pending:
        name, command = pending.pop()
        if isinstance(command, TyperGroup):
            pending += [(f"{name} {each}", sub) for each, sub in command.commands.items()]
        else:
            yield name, command


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}", match.group(2))
        for path, text in TEXTS.items()
        for match in _BLOCK.finditer(text)
        if match.group(1) == language
    ]


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_is_described(name: str) -> None:
    assert any(name in text for text in TEXTS.values())


@pytest.mark.parametrize(
    ("name", "option"),
    [(name, option) for name, command in commands() for p in command.params for option in p.opts if option[:2] == "--"],
)
def test_every_option_is_described_where_its_command_is(name: str, option: str) -> None:
    assert any(name in text and option in text for text in TEXTS.values()), f"{name} {option}"


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_help_loses_nothing_in_brackets(name: str, command: Any) -> None:
    """Rich would take `[noise]` for a style and drop it."""
    written = " ".join([command.help or "", *(getattr(param, "help", None) or "" for param in command.params)])
    shown = CliRunner().invoke(cli, [*name.split()[1:], "--help"], env={"COLUMNS": "300"}).output
    lost = [part for part in re.findall(r"\[[^\]\s]+\]?", written) if part not in shown]
    assert lost == []


@pytest.mark.parametrize("field", list(Settings.model_fields))
def test_every_setting_is_described(field: str) -> None:
    assert f"BOLI_{field.upper()}" in TEXTS[ROOT / "docs" / "settings.md"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    targets = [target for target in _LINK.findall(TEXTS[document]) if "://" not in target]
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize(("place", "code"), blocks("python"), ids=lambda value: value if ".md:" in value else "")
def test_python_in_the_documents_runs(place: str, code: str, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, f"{place}: {result.stderr}"


@pytest.mark.parametrize(("place", "code"), blocks("sh"), ids=lambda value: value if ".md:" in value else "")
def test_shell_in_the_documents_runs(place: str, code: str, tmp_path: Path) -> None:
    """Blocks marked `sh` run from top to bottom beside the demo folder; those marked `console` are only to be read."""
    shutil.copytree(ROOT / "demo" / "recordings", tmp_path / "demo" / "recordings")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "BOLI_CACHE_FOLDER": str(tmp_path / "cache")}
    result = subprocess.run(
        ["bash", "-euc", code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert result.returncode == 0, f"{place}: {result.stdout}{result.stderr}"
