"""The worker runs on the settings of the web process, and never longer than that process lives."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.database.service import migrate
from app.serving.lifeline import line_of, settings_of
from app.serving.worker_process import COMMAND
from app.settings import Settings
from tests.app.serving.test_serve import environment, eventually, is_alive

N_KILLS = 3
LONGEST_START_S = 4.0
LONGEST_END_S = 120
KEY = "sk-nobody-else-may-read-this"
UNUSUAL: dict[str, object] = {
    "cache_folder": Path("/somewhere/गाँव"), "model": "small", "engine": "http", "threads": 3, "mirror": "http://mirror",
    "asr_url": "http://asr/v1", "asr_api_key": KEY, "asr_proxy": "http://proxy", "fake_delay_ms": 7,
    "fake_fail_every": 5, "data_folder": Path("/data"), "database": "postgresql+psycopg://u:p%20w@h/db",
    "store": "s3://bucket", "s3_endpoint": "http://s3", "s3_region": "ap-south-1", "s3_virtual_host": True,
    "host": "::1", "port": 0, "intake": "/intake", "free_bytes": 0, "upload_hours": 1, "max_file_bytes": 2,
    "clip_cache_bytes": 0, "clips_ahead": False,
}  # fmt: skip
WEB = (
    "import sys, time; from pathlib import Path; from app.settings import Settings;"
    "from app.serving.worker_process import WorkerProcess;"
    f"worker = WorkerProcess(Settings(data_folder=Path(sys.argv[1]), asr_api_key={KEY!r})); worker.start()\n"
    "while worker.pid is None: time.sleep(0.01)\n"
    "print(worker.pid, flush=True); time.sleep(600)"
)


def test_the_worker_gets_every_setting_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    unusual = Settings(**UNUSUAL)  # type: ignore[arg-type]  # checked by the class itself
    usual = Settings(_env_file=None)  # type: ignore[call-arg]
    assert [name for name in Settings.model_fields if getattr(unusual, name) == getattr(usual, name)] == []
    for name, value in UNUSUAL.items():
        monkeypatch.setenv(f"BOLI_{name.upper()}", str(value))
    assert settings_of(line_of(usual)) == usual
    for name in UNUSUAL:
        monkeypatch.delenv(f"BOLI_{name.upper()}")
    assert settings_of(line_of(unusual)) == unusual


def test_a_secret_is_passed_on_and_not_its_asterisks() -> None:
    class Guarded(Settings):
        password: SecretStr

    assert KEY.encode() in line_of(Guarded(password=SecretStr(KEY)))


def test_a_worker_ends_with_a_web_process_that_is_killed_at_any_moment_and_shows_no_key(tmp_path: Path) -> None:
    moments = random.Random(8)
    with ExitStack() as ended:
        migrate(f"sqlite:///{tmp_path / 'boli.sqlite3'}")
        webs = [ended.enter_context(_web(tmp_path / str(number))) for number in range(N_KILLS)]
        workers = [int(web.stdout.readline()) for web in webs if web.stdout]
        for number, (web, worker) in enumerate(zip(webs, workers, strict=True)):
            for place in ("cmdline", "environ"):
                assert KEY.encode() not in Path(f"/proc/{worker}/{place}").read_bytes()
            time.sleep(moments.uniform(0, LONGEST_START_S / N_KILLS) if number else 0)
            web.kill()
        left = [worker for worker in workers if not eventually(lambda: not is_alive(worker), seconds=LONGEST_END_S)]  # noqa: B023 - asked at once
    assert left == []
    assert not [log for log in tmp_path.glob("*/log") if KEY in log.read_text()]


def _web(folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir()
    shutil.copy(folder.parent / "boli.sqlite3", folder)
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-c", WEB, str(folder)], env=environment(folder), stdout=subprocess.PIPE, stderr=log
        )


def test_a_worker_whose_web_process_died_before_it_could_say_anything_ends(tmp_path: Path) -> None:
    for said in (b"", b'{"data_folder": "/half'):
        result = subprocess.run(
            COMMAND, input=said, env=environment(tmp_path), capture_output=True, timeout=LONGEST_END_S, check=False
        )
        assert (result.returncode, result.stderr) == (1, b"")


def test_a_worker_that_cannot_end_is_ended(tmp_path: Path) -> None:
    code = (
        "import time; from app.serving.lifeline import Lifeline;"
        "Lifeline(open(0, 'rb', buffering=0, closefd=False), patience_s=0.5).watch(); print('watches', flush=True);"
        "time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(tmp_path)
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == b"watches\n"
        time.sleep(1)
        assert process.poll() is None  # as long as the pipe holds
        process.stdin.close()
        assert process.wait(LONGEST_END_S) == 1
