"""Damage done to files and rows is found, and what can be made again is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from app.cli import cli
from app.clips.files import ClipKey, ClipKind
from app.clips.making import make_recording_clips
from app.consistency.faults import Fault, FaultKind
from app.consistency.service import N_SHOWN, Report, find, find_and_repair, thorough_checks, usual_checks
from app.consistency.strays import parts_of
from app.db import reading, transaction
from app.jobs.context import JobContext
from app.storage import recording_key
from app.storage_folder import FolderStore
from models.base import new_id, now
from models.cached_file import CachedFile
from models.upload import Upload, UploadState
from tests.app.clips.conftest import Talk, context, new_talk, talk
from tests.factories import add_recording

__all__ = ["context", "talk"]
AT_ONCE = timedelta(0)


@pytest.fixture
def sound(talk: Talk) -> Talk:
    """A recording with some clips, all as it should be."""
    make_recording_clips(talk.context, talk.recording_id, [talk.segments[-1].id])
    return talk


def found(context: JobContext) -> Counter[FaultKind]:
    return Counter(fault.kind for fault in find(context, usual_checks(grace=AT_ONCE)))


def repaired(context: JobContext) -> list[Fault]:
    return list(find_and_repair(context, usual_checks(grace=AT_ONCE)))


def key_of(talk: Talk) -> str:
    (key,) = [file.key for file in talk.context.store.list() if "clips" not in file.key]
    return key


def overwrite(context: JobContext, key: str, content: bytes) -> None:
    """As a failing disk or a careless hand would."""
    context.store.replace_bytes(key, content, content_type="audio/wav")


def clip(talk: Talk, kind: ClipKind = ClipKind.OPUS) -> str:
    return str(ClipKey(talk.project_id, talk.segments[-1].id, kind))


def test_where_all_is_well_nothing_is_found(sound: Talk) -> None:
    assert list(find(sound.context, thorough_checks(grace=AT_ONCE))) == []


def test_a_recording_that_is_gone_is_found_and_not_called_repaired(sound: Talk) -> None:
    sound.context.store.delete(key_of(sound))
    (fault,) = repaired(sound.context)
    assert (fault.kind, fault.recording_id, fault.is_repaired) == (
        FaultKind.RECORDING_MISSING, sound.recording_id, False,
    )  # fmt: skip


def test_a_recording_that_was_cut_is_found_and_left_as_it_is(sound: Talk) -> None:
    key = key_of(sound)
    overwrite(sound.context, key, sound.source.read_bytes()[:-10])
    (fault,) = repaired(sound.context)
    assert (fault.kind, fault.is_repaired) == (FaultKind.RECORDING_SIZE, False)
    assert sound.context.store.size(key) == sound.source.stat().st_size - 10


def test_one_flipped_bit_is_found_by_its_hash_alone(sound: Talk) -> None:
    content = bytearray(sound.source.read_bytes())
    content[1_000] ^= 1
    overwrite(sound.context, key_of(sound), bytes(content))
    assert found(sound.context) == {}
    (fault,) = find(sound.context, thorough_checks(grace=AT_ONCE))
    assert fault.kind is FaultKind.RECORDING_HASH


@pytest.mark.parametrize("damage", ["delete", "cut"])
def test_damaged_clips_are_made_again(sound: Talk, damage: str) -> None:
    before = sound.context.store.size(clip(sound))
    if damage == "delete":
        sound.context.store.delete(clip(sound))
    else:
        overwrite(sound.context, clip(sound), b"")
    kind = FaultKind.CLIP_MISSING if damage == "delete" else FaultKind.CLIP_SIZE
    assert [(fault.kind, fault.is_repaired) for fault in repaired(sound.context)] == [(kind, True)]
    assert abs(sound.context.store.size(clip(sound)) - before) < 10
    assert found(sound.context) == {}


def test_a_clip_whose_recording_is_gone_is_forgotten(sound: Talk) -> None:
    sound.context.store.delete(key_of(sound))
    sound.context.store.delete(clip(sound))
    kinds = Counter((fault.kind, fault.is_repaired) for fault in repaired(sound.context))
    assert kinds == {(FaultKind.RECORDING_MISSING, False): 1, (FaultKind.CLIP_MISSING, True): 1}
    assert found(sound.context) == {FaultKind.RECORDING_MISSING: 1}


def test_clips_without_a_row_are_cleared_away(sound: Talk) -> None:
    with transaction(sound.context.sessions) as session:
        session.execute(delete(CachedFile))
    assert [fault.is_repaired for fault in repaired(sound.context)] == [True, True]
    assert [file.key for file in sound.context.store.list()] == [key_of(sound)]


def test_of_a_clip_half_lost_and_half_unknown_both_halves_are_there_afterwards(sound: Talk) -> None:
    with transaction(sound.context.sessions) as session:
        session.execute(delete(CachedFile).where(CachedFile.storage_key == clip(sound, ClipKind.PEAKS)))
    sound.context.store.delete(clip(sound))
    assert {fault.kind for fault in repaired(sound.context)} == {FaultKind.CLIP_MISSING, FaultKind.CLIP_UNRECORDED}
    assert {sound.context.store.exists(clip(sound, kind)) for kind in ClipKind} == {True}
    assert found(sound.context) == {}


def test_audio_that_no_row_knows_is_told_and_never_deleted(sound: Talk) -> None:
    unknown = [recording_key(sound.project_id, "0" * 64), recording_key(new_id(), "1" * 64), "something/else"]
    for key in unknown:
        sound.context.store.put_bytes(key, b"sound")
    faults = repaired(sound.context)
    assert {(fault.kind, fault.is_repaired) for fault in faults} == {(FaultKind.FILE_UNKNOWN, False)}
    assert sorted(fault.place for fault in faults) == sorted(unknown)
    assert all(sound.context.store.exists(key) for key in unknown)


def test_a_file_that_has_only_just_come_in_is_let_be(sound: Talk) -> None:
    sound.context.store.put_bytes(recording_key(sound.project_id, "0" * 64), b"sound")
    assert list(find(sound.context, usual_checks(grace=timedelta(hours=1)))) == []


def test_a_recording_of_the_same_bytes_in_another_project_does_not_hide_a_missing_one(
    sound: Talk, tmp_path: Path
) -> None:
    other = new_talk(sound.context, tmp_path / "again.wav")
    sound.context.store.delete(recording_key(other.project_id, hash_of(other)))
    (fault,) = repaired(sound.context)
    assert fault.recording_id == other.recording_id


def hash_of(talk: Talk) -> str:
    (file,) = talk.context.store.list(str(talk.project_id))
    return file.key.rpartition("/")[2]


def test_parts_of_uploads_that_are_over_are_cleared_and_those_under_way_stay(sound: Talk) -> None:
    parts = parts_of(sound.context.settings)
    parts.folder.mkdir(parents=True, exist_ok=True)
    states = [UploadState.OPEN, UploadState.OPEN, UploadState.TERMINATED, None]
    ids = [new_id() for _ in states]
    with transaction(sound.context.sessions) as session:
        for upload_id, state in zip(ids, states, strict=True):
            if state is not None:
                session.add(
                    Upload(
                        id=upload_id,
                        project_id=sound.project_id,
                        state=state,
                        file_name="a.wav",
                        size_bytes=100,
                        offset_bytes=50,
                        facts={},
                        expires_at=now() + timedelta(hours=1),
                    )
                )
    for upload_id, n_bytes in zip(ids, [50, 20, 50, 50], strict=True):
        parts.path(upload_id).write_bytes(bytes(n_bytes))
        os.utime(parts.path(upload_id), (time.time() - 60, time.time() - 60))
    kinds = Counter((fault.kind, fault.is_repaired) for fault in repaired(sound.context))
    assert kinds == {(FaultKind.UPLOAD_STRAY, True): 2, (FaultKind.UPLOAD_SHORT, False): 1}
    assert [parts.path(upload_id).exists() for upload_id in ids] == [True, True, False, False]


def test_what_a_killed_process_left_half_written_is_cleared(sound: Talk) -> None:
    store = sound.context.store
    if not isinstance(store, FolderStore):
        pytest.skip("a bucket shows no unfinished uploads to us; docs/storage.md says what to set")
    code = (
        "import sys, time, pathlib; from app.storage_folder import FolderStore\n"
        "def pieces():\n    yield b'half'; print('WRITING', flush=True); time.sleep(60)\n"
        "with FolderStore(pathlib.Path(sys.argv[1]))._written(pieces()): pass"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(store)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.wait(timeout=30)
    process.stdout.close()
    assert len(list(store.unfinished())) == 1
    assert [fault.kind for fault in repaired(sound.context)] == [FaultKind.LEFT_OVER]
    assert list(store.unfinished()) == []


def test_a_report_of_many_faults_stays_small() -> None:
    report = Report()
    for number in range(10_000):
        report.add(Fault(FaultKind.CLIP_MISSING, str(number), "", is_repaired=number % 2 == 0))
    assert len(report.shown) == N_SHOWN
    assert report.of(FaultKind.CLIP_MISSING) == (5_000, 5_000)
    assert not report.is_sound


def test_a_recording_that_is_dropped_during_the_check_is_no_fault(sound: Talk) -> None:
    sound.context.store.delete(key_of(sound))
    with transaction(sound.context.sessions) as session:
        extra = add_recording(session, project_id=sound.project_id, storage_key="p/nothing")
    checking = find(sound.context, usual_checks(grace=AT_ONCE))
    assert next(checking).recording_id in {sound.recording_id, extra.id}
    with transaction(sound.context.sessions) as session:
        session.delete(session.get_one(type(extra), extra.id))
    assert [fault.recording_id for fault in checking if fault.recording_id == extra.id] == []


@pytest.fixture
def run(sound: Talk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    from typer.testing import CliRunner

    settings = sound.context.settings
    given = {
        "DATA_FOLDER": settings.data_folder, "DATABASE": settings.database_url, "STORE": settings.store,
        "S3_ENDPOINT": settings.s3_endpoint,
    }  # fmt: skip
    for name, value in given.items():
        if value is not None:
            monkeypatch.setenv(f"BOLI_{name}", str(value))

    def call(*options: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["check", "--grace-hours", "0", *options])
        return result.exit_code, result.output

    return call


def test_the_command_tells_what_is_wrong_and_whether_it_still_is(
    sound: Talk, run: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("--hash") == (0, "database and files agree\n")
    sound.context.store.delete(clip(sound))
    code, table = run()
    assert code == 1
    assert "clip missing" in table
    code, lines = run("--repair", "--format", "json")
    assert (code, [json.loads(line)["is_repaired"] for line in lines.splitlines()]) == (0, [True])
    assert run()[0] == 0
    sound.context.store.delete(key_of(sound))
    assert run("--repair")[0] == 1
    with reading(sound.context.sessions) as session:
        assert session.get(CachedFile, clip(sound)) is not None
    if sound.context.settings.store is not None:
        monkeypatch.setenv("BOLI_STORE", "s3://there-is-no-such-bucket")
        code, output = run("--repair")
        assert (code, "there-is-no-such-bucket" in output) == (2, True)
