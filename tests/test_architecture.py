"""The shape of the code: what imports what, how long things are, how fast the command starts."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("app", "pipeline", "models", "scripts")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MOST_LINES = 300
MOST_FUNCTION_LINES = 40
HEAVY = ("torch", "ctranslate2", "faster_whisper", "numpy", "av", "onnxruntime", "huggingface_hub")


def functions() -> Iterator[tuple[str, int]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or 0) - first_line(node) + 1


def first_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Where a function begins to do something: behind its signature (a command's options) and its docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return body[0].lineno if body else (node.end_lineno or 0) + 1


def test_no_module_grows_beyond_reading_size() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def test_no_function_does_many_things() -> None:
    assert {name: n for name, n in functions() if n > MOST_FUNCTION_LINES} == {}


def test_no_drawer_for_odds_and_ends() -> None:
    names = {part for path in SOURCES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert names & {"utils", "util", "helpers", "helper", "common", "misc"} == set()


def test_values_need_nothing_but_the_standard_library() -> None:
    tree = ast.parse((ROOT / "models" / "values.py").read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {str(module).split(".")[0] for module in modules} <= sys.stdlib_module_names


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, app.cli; print([name for name in sys.argv[1:] if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True, cwd=ROOT)
    assert out.stdout.strip() == "[]"


def test_help_is_instant() -> None:
    command = [
        sys.executable,
        "-c",
        "import time, sys; t = time.perf_counter(); import app.cli; from typer.testing "
        "import CliRunner; CliRunner().invoke(app.cli.cli, ['--help']); print(time.perf_counter() - t)",
    ]
    seconds = [
        float(subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout) for _ in range(5)
    ]
    assert min(seconds) < 0.4


def test_the_web_process_holds_no_model_and_no_decoder_after_requests(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from fastapi.testclient import TestClient
from app.database.service import migrate
from app.main import create_app
from app.serving import commands, service
from app.settings import Settings

folder = Path(sys.argv[1])
settings = Settings(data_folder=folder, database=f"sqlite:///{folder}/boli.sqlite3")
migrate(settings.database_url)
with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
    def made(path, body):
        answer = client.post(f"/api/v1{path}", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()
    owner = made("/organisations", {"name": "Archive"})
    dialects = [{"dialect": "te-IN-x-rayala"}]
    project = made("/projects", {"organisation_id": owner["id"], "name": "Farm radio", "dialects": dialects})
    made(f"/projects/{project['id']}/models", {"model": "large-v3-turbo"})
    files = {"file": ("a.wav", b"RIFF" + bytes(100), "audio/wav")}
    sent = client.post(f"/api/v1/projects/{project['id']}/recordings", files=files)
    assert sent.status_code < 500, sent.text
    lists = ["recordings", "tasks", "progress", "drafts.jsonl"]
    for path in ["/", "/openapi.json", "/api/v1/jobs", *(f"/api/v1/projects/{project['id']}/{name}" for name in lists)]:
        assert client.get(path).status_code == 200, path
print(sorted(name for name in sys.modules if name.startswith(("pipeline.asr", *sys.argv[2:]))))
"""
    heavy = ["torch", "ctranslate2", "faster_whisper", "av.", "onnxruntime"]
    command = [sys.executable, "-c", code, str(tmp_path), *heavy]
    out = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300, check=False)
    assert (out.returncode, out.stdout.strip()) == (0, "[]"), out.stderr


def test_base_install_names_no_torch_scipy_or_pyarrow() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[^\w-]", requirement)[0] for requirement in project["dependencies"]}
    assert names & {"torch", "torchaudio", "scipy", "pyarrow", "openai-whisper", "webrtcvad"} == set()
    assert "torch==2.11.0" in project["optional-dependencies"]["train"]
    assert "torchaudio==2.11.0" in project["optional-dependencies"]["train"]


def test_constraints_are_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 50
    strange = [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+!-]+( ; .+)?", line)]
    assert strange == []


@pytest.mark.parametrize("word", ["pypi" + ".org", "files.python" + "hosted", "/wo" + "rk/main", "/ro" + "ot/"])
def test_no_file_names_a_machine_or_a_registry(word: str) -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    texts = [
        ROOT / name for name in tracked.split("\0") if name and (ROOT / name).suffix not in {".opus", ".safetensors"}
    ]
    guilty = [
        str(path) for path in texts if path.is_file() and word in path.read_text(encoding="utf-8", errors="ignore")
    ]
    assert guilty == []
