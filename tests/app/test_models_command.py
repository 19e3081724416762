"""`boli models`, run as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from pipeline.known_models import KNOWN_MODELS

Run = Callable[..., Result]
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def run(cache: Path) -> Run:
    def invoke(*arguments: object) -> Result:
        environment = {"BOLI_CACHE_FOLDER": str(cache), "BOLI_THREADS": "1", "COLUMNS": "200"}
        return CliRunner().invoke(cli, ["models", *map(str, arguments)], env=environment)

    return invoke


def rows_by_name(run: Run) -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in json.loads(run("list", "--format", "json").stdout)}


def test_the_list_tells_what_can_be_fetched(run: Run) -> None:
    rows = rows_by_name(run)
    assert set(KNOWN_MODELS) <= set(rows)
    assert rows["small"] == {
        "name": "small",
        "is_here": False,
        "size_mb": 484,
        "sha256": None,
        "licence": "MIT",
        "short_context_verified": False,
        "folder": None,
    }


def test_a_model_from_a_stick_is_imported_listed_and_checked(run: Run, cache: Path, whisper_folder: Path) -> None:
    (result, listed) = (run("import", whisper_folder, "--name", "own"), rows_by_name(run)["own"])
    assert result.exit_code == 0, result.output
    assert f"own: {cache / 'models' / 'own'}, sha256 {listed['sha256']}" in result.stdout
    assert listed["is_here"] is True
    table = run("list").stdout.splitlines()
    (line,) = [line for line in table if line.startswith("own ")]
    assert str(listed["sha256"])[:12] in line
    checked = run("check", "own")
    assert checked.exit_code == 0, checked.output
    assert f"sha256 {listed['sha256']}, as on record" in checked.stdout
    assert "99 languages; decodes a second of noise in" in checked.stdout


def test_an_import_without_a_name_takes_the_folder_s(run: Run, whisper_folder: Path) -> None:
    assert run("import", whisper_folder).exit_code == 0
    assert whisper_folder.name in rows_by_name(run)


def test_bit_rot_is_found_by_the_check_though_size_and_time_are_the_same(
    run: Run, cache: Path, whisper_folder: Path
) -> None:
    import os

    assert run("import", whisper_folder, "--name", "own").exit_code == 0
    weights = cache / "models" / "own" / "model.bin"
    before = weights.stat()
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    result = run("check", "own")
    assert result.exit_code == 1
    assert "damaged; delete the folder and get the model again" in result.stderr


@pytest.mark.parametrize("quantization", ["int8", "float16", "float32"])
def test_a_converted_folder_can_be_checked(run: Run, tmp_path: Path, whisper_folder: Path, quantization: str) -> None:
    result = run("convert", whisper_folder, tmp_path / "ct2", "--quantization", quantization)
    assert result.exit_code == 0, result.output
    assert f"{tmp_path / 'ct2'}: {quantization}," in result.stdout
    assert run("check", tmp_path / "ct2").exit_code == 0
    again = run("convert", whisper_folder, tmp_path / "ct2")
    assert again.exit_code == 1
    assert "already there; name a folder that does not exist yet" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fetch", "smal"), "no model 'smal' to fetch, expected one of tiny,"),
        (("fetch", "small", "--mirror", NOBODY), "boli models import FOLDER --name small"),
        (("import", "nowhere"), "nowhere: no such file or folder"),
        (("convert", "nowhere", "out-of-nowhere"), "nowhere: no such file or folder"),
        (("check", "nowhere"), "no model 'nowhere'"),
        (("check", "small"), "small is not on this machine; `boli models fetch small` brings it here"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_with_exit_code_1(
    run: Run, cache: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.startswith("boli models: ")
    assert "Traceback" not in result.output
    assert not list(cache.rglob("*.bin"))


@pytest.mark.parametrize("arguments", [("convert", "x"), ("convert", "x", "y", "--quantization", "int3"), ("melt",)])
def test_wrong_usage_is_exit_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from app.cli import cli; "
        "assert CliRunner().invoke(cli, ['models', '--help']).exit_code == 0; "
        "print([name for name in ('numpy', 'ctranslate2', 'httpx', 'huggingface_hub', 'torch') if name in sys.modules])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert printed.strip() == "[]"
