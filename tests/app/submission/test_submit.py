"""`boli submit` against a real server: everything arrives once, whatever happens in between."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.db import reading, transaction
from models.organisation import Organisation
from models.project import Project, ProjectDialect
from models.recording import Recording, RecordingState
from models.speaker import Speaker
from models.upload import Upload
from tests.app.uploads.web import ROOT, Web

Submit = Callable[..., "subprocess.CompletedProcess[str]"]
N_FILES = 12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Recordings in two folders; two of them are the same."""
    chance = random.Random(3)
    folder = tmp_path / "sound"
    (folder / "deep").mkdir(parents=True)
    for number in range(N_FILES):
        place = folder / "deep" if number % 2 else folder
        (place / f"{number}.wav").write_bytes(chance.randbytes(20_000))
    (folder / "same.wav").write_bytes((folder / "0.wav").read_bytes())
    (folder / "notes.txt").write_text("no recording")
    return folder


@pytest.fixture
def command(web: Web, project_id: UUID, folder: Path) -> list[str]:
    return [sys.executable, "-m", "app", "submit", str(folder), "--project", str(project_id), "--server", web.url]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return os.environ | {"BOLI_CACHE_FOLDER": str(tmp_path / "cache")}


@pytest.fixture
def submit(command: list[str], environment: dict[str, str]) -> Submit:
    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *more], capture_output=True, text=True, env=environment, cwd=ROOT, timeout=200, check=False
        )

    return run


def n_rows(maker: sessionmaker[Session], table: type[Recording] | type[Upload]) -> int:
    with reading(maker) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_folder_is_sent_once_however_often_it_is_submitted(
    web: Web, submit: Submit, session_maker: sessionmaker[Session]
) -> None:
    web.start()
    first = submit()
    assert first.returncode == 0, first.stderr
    assert f"{N_FILES + 1} recordings" in first.stdout
    again = submit("--parallel", "2")
    assert again.returncode == 0
    assert f"0 sent, {N_FILES + 1} there already, 0 the same as others there, 0 failed" in again.stdout
    with reading(session_maker) as session:
        found = session.scalars(select(Recording)).all()
    assert sorted(each.file_name for each in found) == sorted(
        [f"deep/{number}.wav" if number % 2 else f"{number}.wav" for number in range(N_FILES)] + ["same.wav"]
    )
    (duplicate,) = (each for each in found if each.state is RecordingState.DUPLICATE)
    assert duplicate.file_name in ("0.wav", "same.wav")
    assert n_rows(session_maker, Upload) <= N_FILES + 1


def test_the_manifest_gives_its_facts_and_a_faulty_one_moves_nothing(
    web: Web, submit: Submit, folder: Path, tmp_path: Path, project_id: UUID, session_maker: sessionmaker[Session]
) -> None:
    with transaction(session_maker) as session:
        session.add(ProjectDialect(project_id=project_id, dialect="hi-IN"))
    web.start()
    manifest = tmp_path / "m.csv"
    manifest.write_text(
        "path,tag,speaker,gender,client_reference,mood\n0.wav,ta-IN,s1,f,r0,glad\n2.wav,hi-IN,s1,f,r2,\n",
        encoding="utf-8",
    )
    refused = submit("--manifest", str(manifest))
    assert refused.returncode == 2
    assert "line 2, column 'dialect', value 'ta-IN': expected a dialect of the project: hi-IN" in refused.stderr
    assert n_rows(session_maker, Upload) == 0
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("ta-IN", "Hindi"), encoding="utf-8")
    taken = submit("--manifest", str(manifest))
    assert taken.returncode == 0, taken.stderr
    assert "'mood'" in taken.stderr
    assert f"{N_FILES - 1} recordings are not in the manifest" in taken.stderr
    with reading(session_maker) as session:
        found = {each.client_reference: each for each in session.scalars(select(Recording))}
        (speaker,) = session.scalars(select(Speaker)).all()
    assert {reference: each.dialect for reference, each in found.items()} == {"r0": "hi-IN", "r2": "hi-IN"}
    assert {each.speaker_id for each in found.values()} == {speaker.id}


def test_what_can_be_wrong_before_it_starts_is_told_with_exit_code_2(web: Web, submit: Submit, tmp_path: Path) -> None:
    away = submit()
    assert away.returncode == 2
    assert "does not answer" in away.stderr
    missing = tmp_path / "m.csv"
    missing.write_text("path,tag\nnone.wav,hi-IN\n0.wav,xx\n", encoding="utf-8")
    faulty = submit("--manifest", str(missing))
    assert faulty.returncode == 2
    assert "line 2, column 'path', value 'none.wav': no such file" in faulty.stderr
    assert "line 3, column 'tag', value 'xx'" in faulty.stderr


def test_a_broken_link_and_a_killed_server_are_waited_out(
    web: Web, command: list[str], environment: dict[str, str], session_maker: sessionmaker[Session], folder: Path
) -> None:
    (folder / "long.wav").write_bytes(random.Random(9).randbytes(60_000_000))
    web.start()
    running = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    wait_until(lambda: n_rows(session_maker, Upload) > 0)
    web.kill()
    time.sleep(0.5)
    web.start()
    out, _ = running.communicate(timeout=200)
    assert running.returncode == 0, out
    assert n_rows(session_maker, Recording) == N_FILES + 2


def test_ctrl_c_ends_it_cleanly_and_the_next_run_goes_on(
    web: Web, command: list[str], environment: dict[str, str], submit: Submit, session_maker: sessionmaker[Session],
    folder: Path,
) -> None:  # fmt: skip
    (folder / "00long.wav").write_bytes(random.Random(9).randbytes(120_000_000))
    web.start()
    running = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: n_rows(session_maker, Upload) > 0)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=100)
    assert running.returncode == 130, err
    assert "run the same command again" in err
    assert "Traceback" not in err
    assert submit().returncode == 0
    assert n_rows(session_maker, Recording) == N_FILES + 2


def test_what_the_organisation_may_not_send_fails_by_itself(
    web: Web, submit: Submit, folder: Path, session_maker: sessionmaker[Session], project_id: UUID
) -> None:
    with transaction(session_maker) as session:
        project = session.get_one(Project, project_id)
        session.get_one(Organisation, project.organisation_id).max_file_bytes = 30_000
    (folder / "big.wav").write_bytes(bytes(30_001))
    web.start()
    end = submit()
    assert end.returncode == 1
    assert "big.wav: the file has 30,001 bytes; expected at most 30,000" in end.stderr
    assert n_rows(session_maker, Recording) == N_FILES + 1


def wait_until(is_so: Callable[[], bool], *, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.02)
