"""`boli doctor`: the truth about this machine, and what to do when something is missing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from app.doctor import model, packages
from app.doctor.faults import Fault
from app.settings import Settings
from pipeline.asr.openai_checkpoint import TRAIN_EXTRA_NEEDED


def run(*arguments: str, before: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """`boli doctor` under the fake engine, so that no weights are needed; `before` runs first in its process."""
    return subprocess.run(
        [sys.executable, "-c", f"{before}\nfrom app.cli import main; main()", "doctor", *arguments],
        env=os.environ | {"BOLI_ENGINE": "fake"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def checks_of(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in json.loads(done.stdout)["checks"]}


@pytest.fixture
def cache(tmp_path: Path) -> str:
    return str(tmp_path / "cache")


def test_a_whole_installation_can_transcribe(cache: str) -> None:
    done = run("--format", "json", BOLI_CACHE_FOLDER=cache)
    assert done.returncode == 0, done.stdout + done.stderr
    checks = checks_of(done)
    assert checks["ctranslate2"]["detail"].startswith(version("ctranslate2"))
    assert "FFmpeg" in checks["av"]["detail"]
    assert checks["model"]["detail"] == "fake by fake, revision 1"
    assert cache in checks["cache folder"]["detail"]
    needed = ("python", "boli", "codecs", "webrtcvad", "opencc", "tokenizers", "libraries")
    assert {checks[name]["state"] for name in needed} == {"ok"}


def test_the_table_names_every_check_and_a_remedy_for_each_that_is_not_ok(cache: str) -> None:
    shown = run(BOLI_CACHE_FOLDER=cache).stdout
    for name, check in checks_of(run("--format", "json", BOLI_CACHE_FOLDER=cache)).items():
        assert name in shown
        assert (check["state"] == "ok") == (check["remedy"] == "")
        assert check["remedy"] in shown
    assert shown.endswith("recordings can be transcribed\n")


def test_a_model_that_does_not_load_is_broken_and_says_what_to_do(cache: str) -> None:
    done = run("--format", "json", BOLI_ENGINE="ctranslate2", BOLI_MODEL="/nowhere/model", BOLI_CACHE_FOLDER=cache)
    assert done.returncode == 1
    model = checks_of(done)["model"]
    assert model["state"] == "broken"
    assert "/nowhere/model" in model["detail"]
    assert "BOLI_MODEL" in model["remedy"]


@pytest.mark.parametrize("module", ["webrtcvad", "opencc", "ctranslate2", "av", "tokenizers"])
def test_a_package_that_cannot_be_imported_is_named(module: str, cache: str) -> None:
    before = f"import sys; sys.modules[{module!r}] = None"
    done = run("--format", "json", before=before, BOLI_CACHE_FOLDER=cache)
    assert done.returncode == 1
    assert checks_of(done)[module]["state"] == "broken"
    assert checks_of(done)[module]["remedy"]
    assert json.loads(done.stdout)["can_transcribe"] is False


@pytest.mark.parametrize("module", ["rich", "praatio", "pympi", "httpx", "rapidfuzz"])
def test_a_library_that_is_there_and_does_not_load_is_named(module: str, cache: str) -> None:
    before = f"import sys; sys.modules[{module!r}] = None"
    done = run("--format", "json", before=before, BOLI_CACHE_FOLDER=cache)
    assert done.returncode == 1, done.stderr
    libraries = checks_of(done)["libraries"]
    assert libraries["state"] == "broken"
    assert f"{module}" in libraries["detail"]
    assert "does not load" in libraries["detail"]


def test_settings_that_cannot_be_read_for_want_of_a_package_are_a_finding(cache: str) -> None:
    before = "import sys; sys.modules['pydantic_settings'] = None"
    done = run("--format", "json", before=before, BOLI_CACHE_FOLDER=cache)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert checks_of(done)["settings"]["state"] == "broken"
    assert "pydantic-settings: does not load" in checks_of(done)["libraries"]["detail"]
    assert checks_of(done)["av"]["state"] == "ok"


def test_every_package_that_boli_needs_has_a_check(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[^\w-]", requirement)[0] for requirement in project["dependencies"]}
    with_own_check = {"av", "ctranslate2", "opencc", "tokenizers", "webrtcvad-wheels"}
    assert needed - with_own_check <= set(packages.LIBRARIES)


@pytest.mark.parametrize(
    ("engine", "chosen", "remedy"),
    [
        ("ctranslate2", "medium", "`boli models fetch medium`"),
        ("http", "qwen3-asr", "set BOLI_ASR_URL"),
        ("openai-whisper", "no-such-model", "[train]"),
        ("abacus", "demo", "BOLI_ENGINE"),
    ],
)
def test_the_remedy_is_for_what_is_wrong_and_nothing_is_fetched(
    engine: str, chosen: str, remedy: str, tmp_path: Path
) -> None:
    settings = Settings(cache_folder=tmp_path / "cache", engine=engine, model=chosen, mirror="http://127.0.0.1:9")
    with pytest.raises(Fault) as told:
        model.loads(settings)
    assert remedy in told.value.remedy
    assert "did not give it" not in told.value.detail
    assert not (tmp_path / "cache").exists()


def test_no_remedy_names_a_package_that_nobody_published() -> None:
    assert "boli[" not in packages.TRAIN + packages.REINSTALL + TRAIN_EXTRA_NEEDED
    assert not re.search(r"install \S*\s*boli\b", packages.TRAIN + packages.REINSTALL + TRAIN_EXTRA_NEEDED)


def test_what_the_main_job_does_not_need_may_be_missing(cache: str, tmp_path: Path) -> None:
    done = run("--format", "json", PATH=str(tmp_path), BOLI_CACHE_FOLDER=cache)
    assert done.returncode == 0
    programs = [checks_of(done)[name] for name in ("espeak-ng", "chromium", "sclite")]
    assert {check["state"] for check in programs} == {"missing"}
    assert all("only for" in check["remedy"] for check in programs)


def test_a_cache_folder_that_cannot_be_written_is_broken(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("--format", "json", BOLI_CACHE_FOLDER=str(tmp_path / "file" / "cache"))
    assert done.returncode == 1
    assert "BOLI_CACHE_FOLDER" in checks_of(done)["cache folder"]["remedy"]


def test_more_threads_than_cores_are_pointed_out(cache: str) -> None:
    processor = checks_of(run("--format", "json", BOLI_THREADS="1000", BOLI_CACHE_FOLDER=cache))["processor"]
    assert processor["state"] == "missing"
    assert "BOLI_THREADS" in processor["remedy"]


def test_a_wrong_setting_is_told_without_a_traceback() -> None:
    done = run(BOLI_THREADS="many")
    assert done.returncode == 1
    assert "BOLI_THREADS=many: Input should be a valid integer" in done.stderr
    assert "Traceback" not in done.stderr
