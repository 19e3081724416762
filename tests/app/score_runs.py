"""Running `boli score` as people run it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from app.cli import cli

Write = Callable[[str, str | bytes], Path]
SCLITE = shutil.which("sclite", path=os.pathsep.join((os.environ["PATH"], "/usr/lib/sctk/bin")))


def writer(tmp_path: Path) -> Write:
    """Writes files into a folder."""

    def written(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["score", *map(str, arguments)])


def scores(*arguments: str | Path) -> Any:
    result = run(*arguments, "--format", "json")
    assert result.exit_code in (0, 1), result.output
    return json.loads(result.stdout)


def table_of(n_speakers: int, *, dialect: str = "hi-IN") -> tuple[str, str]:
    """Reference and hypothesis tables: speaker n has n words wrong of 20."""
    rows = [(f"u{n}", f"s{n}", " ".join(f"क{'ा' * i}" for i in range(20))) for n in range(n_speakers)]
    references = "".join(f"{id_}\t{text}\t{speaker}\t{dialect}\n" for id_, speaker, text in rows)
    hypotheses = "".join(
        f"{id_}\t{' '.join('ग' if place < n else word for place, word in enumerate(text.split()))}\n"
        for n, (id_, _, text) in enumerate(rows)
    )
    return "id\ttext\tspeaker\tdialect\n" + references, hypotheses
