"""One set of tests for a folder and for a bucket."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import boto3  # type: ignore[import-untyped]
import pytest

from app.settings import Settings
from app.storage import (
    ChecksumMismatch,
    KeyInvalid,
    StorageRefused,
    StorageUnavailable,
    Store,
    StoredFileDiffers,
    StoredFileMissing,
    open_store,
    recording_key,
    sha256_of,
)  # fmt: skip
from app.storage_bucket import WHOLE_BYTES
from app.storage_folder import FolderStore

SIZES = (0, 1, WHOLE_BYTES, WHOLE_BYTES + 1, 3 * WHOLE_BYTES + 12_345)


def a_file(folder: Path, n_bytes: int, name: str = "upload.bin") -> tuple[Path, str]:
    path = folder / name
    path.write_bytes(os.urandom(n_bytes))
    return path, sha256_of(path)


def keys(store: Store, prefix: str = "") -> list[str]:
    return sorted(file.key for file in store.list(prefix))


def left_over(store: Store, settings: Settings) -> int:
    """Files on their way that nobody will finish."""
    if isinstance(store, FolderStore):
        return len(list(store.unfinished()))
    client = boto3.client("s3", endpoint_url=settings.s3_endpoint, region_name=settings.s3_region)
    return len(client.list_multipart_uploads(Bucket=str(settings.store).split("/")[2]).get("Uploads", []))


@pytest.mark.parametrize("n_bytes", SIZES)
def test_a_file_comes_back_as_it_was(store: Store, tmp_path: Path, n_bytes: int) -> None:
    path, sha256 = a_file(tmp_path, n_bytes)
    key = recording_key(uuid.uuid4(), sha256)
    store.put_file(key, path, sha256=sha256)
    assert store.size(key) == n_bytes
    assert store.sha256(key) == sha256
    with store.open_local(key) as local:
        assert sha256_of(local) == sha256
    assert path.exists()


@pytest.mark.parametrize("n_bytes", SIZES)
def test_a_file_that_is_taken_moves(store: Store, store_settings: Settings, tmp_path: Path, n_bytes: int) -> None:
    path, sha256 = a_file(tmp_path, n_bytes)
    store.take_file("p/x", path, sha256=sha256)
    assert store.sha256("p/x") == sha256
    assert not path.exists()
    assert left_over(store, store_settings) == 0


@pytest.mark.parametrize("n_bytes", SIZES)
def test_storing_the_same_twice_is_no_error(store: Store, tmp_path: Path, n_bytes: int) -> None:
    path, sha256 = a_file(tmp_path, n_bytes)
    store.put_file("p/x", path, sha256=sha256)
    store.put_file("p/x", path, sha256=sha256)
    store.take_file("p/x", path, sha256=sha256)
    assert keys(store) == ["p/x"]
    assert not path.exists()


@pytest.mark.parametrize("n_bytes", [100, WHOLE_BYTES + 1])
def test_nothing_is_ever_overwritten(store: Store, store_settings: Settings, tmp_path: Path, n_bytes: int) -> None:
    first, sha256 = a_file(tmp_path, n_bytes, "first")
    other, other_sha256 = a_file(tmp_path, n_bytes, "other")
    store.put_file("p/x", first, sha256=sha256)
    with pytest.raises(StoredFileDiffers, match="another file already"):
        store.put_file("p/x", other, sha256=other_sha256)
    with pytest.raises(StoredFileDiffers):
        store.take_file("p/x", other, sha256=other_sha256)
    with pytest.raises(StoredFileDiffers):
        store.put_bytes("p/x", b"third")
    assert store.sha256("p/x") == sha256
    assert other.exists()
    assert left_over(store, store_settings) == 0


@pytest.mark.parametrize("n_bytes", [100, WHOLE_BYTES + 1])
def test_a_wrong_checksum_leaves_nothing_behind(
    store: Store, store_settings: Settings, tmp_path: Path, n_bytes: int
) -> None:
    path, _ = a_file(tmp_path, n_bytes)
    for put in (store.put_file, store.take_file):
        with pytest.raises(ChecksumMismatch, match=r"upload\.bin hashes to"):
            put("p/x", path, sha256="0" * 64)
    assert path.exists()
    assert not store.exists("p/x")
    assert keys(store) == []
    assert left_over(store, store_settings) == 0


def test_small_files_can_be_put_and_replaced(store: Store) -> None:
    store.put_bytes("p/clips/a.opus", b"one")
    store.put_bytes("p/clips/a.opus", b"one")
    for key, data in (("p/clips/a.opus", b"two!"), ("p/clips/b.opus", b"new")):
        store.replace_bytes(key, data, content_type="audio/ogg")
    assert store.read_range("p/clips/a.opus", 0, 100) == b"two!"
    assert keys(store) == ["p/clips/a.opus", "p/clips/b.opus"]


def test_ranges_are_half_open_and_end_with_the_file(store: Store) -> None:
    store.put_bytes("p/x", bytes(range(100)))
    assert store.read_range("p/x", 10, 20) == bytes(range(10, 20))
    assert store.read_range("p/x", 90, 1000) == bytes(range(90, 100))
    assert store.read_range("p/x", 100, 1000) == b""
    assert b"".join(store.pieces("p/x", 5, 9)) == bytes(range(5, 9))
    with pytest.raises(ValueError, match="range"):
        store.read_range("p/x", 9, 5)


def test_a_listing_tells_key_size_and_time_of_what_lies_below(store: Store) -> None:
    for key in ("a/one", "a/clips/two", "ab/three"):
        store.put_bytes(key, key.encode())
    assert keys(store) == ["a/clips/two", "a/one", "ab/three"]
    assert keys(store, "a") == ["a/clips/two", "a/one"]
    assert keys(store, "nothing") == []
    (file,) = store.list("ab")
    assert file.size_bytes == len("ab/three")
    assert abs(file.modified_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_listing_longer_than_a_page_is_whole(store: Store) -> None:
    names = {f"p/{number:04}" for number in range(50 if isinstance(store, FolderStore) else 1100)}
    for name in names:
        store.put_bytes(name, b"")
    assert set(keys(store)) == names


def test_what_is_deleted_is_gone_and_deleting_again_is_no_error(store: Store) -> None:
    store.put_bytes("p/x", b"sound")
    store.delete("p/x")
    store.delete("p/x")
    assert not store.exists("p/x")


def test_a_missing_file_is_told_from_a_fault(store: Store) -> None:
    for read in (store.size, store.sha256, lambda key: store.read_range(key, 0, 1)):
        with pytest.raises(StoredFileMissing):
            read("p/nothing")
    with pytest.raises(StoredFileMissing), store.open_local("p/nothing"):
        pass
    assert not store.exists("p/nothing")


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "a/../b", "..", ".incoming/x", "a//b", "a/", "A", "a b", "a\n", "a\0", "ä", "a" * 600, "~/x"],
)
def test_a_key_cannot_lead_out_of_the_store(store: Store, tmp_path: Path, key: str) -> None:
    path, sha256 = a_file(tmp_path, 10)
    for use in (
        lambda: store.put_file(key, path, sha256=sha256),
        lambda: store.take_file(key, path, sha256=sha256),
        lambda: store.put_bytes(key, b"x"),
        lambda: store.replace_bytes(key, b"x", content_type="audio/ogg"),
        lambda: store.read_range(key, 0, 1),
        lambda: store.delete(key),
        lambda: store.open_local(key).__enter__(),
    ):
        with pytest.raises(KeyInvalid, match="is no key"):
            use()
    assert path.exists()


def test_the_key_of_a_recording_is_its_project_and_hash() -> None:
    project = uuid.uuid4()
    assert recording_key(project, "0" * 64) == f"{project}/{'0' * 64}"
    with pytest.raises(KeyInvalid, match="no sha256"):
        recording_key(project, "../../etc/passwd")


def test_many_writers_of_one_file_all_succeed(store: Store, tmp_path: Path) -> None:
    path, sha256 = a_file(tmp_path, 200_000)
    faults: list[Exception] = []

    def write() -> None:
        try:
            store.put_file("p/x", path, sha256=sha256)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert store.sha256("p/x") == sha256


def test_of_writers_of_different_files_one_wins_whole(store: Store) -> None:
    outcomes: list[bytes | None] = []

    def write(data: bytes) -> None:
        try:
            store.put_bytes("p/x", data)
        except StoredFileDiffers:
            outcomes.append(None)
        else:
            outcomes.append(data)

    threads = [threading.Thread(target=write, args=(bytes([number]) * 50_000,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [data for data in outcomes if data is not None]
    assert store.read_range("p/x", 0, 100_000) == winner


def test_only_a_bucket_signs_addresses(store: Store) -> None:
    store.replace_bytes("p/x", b"sound", content_type="audio/ogg")
    url = store.signed_url("p/x", expires_in=timedelta(minutes=1))
    if isinstance(store, FolderStore):
        assert url is None
    else:
        assert url is not None
        with urlopen(url, timeout=10) as answer:
            assert answer.read() == b"sound"
            assert answer.headers["Content-Type"] == "audio/ogg"


def test_a_server_that_is_not_there_is_a_fault_that_may_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    settings = Settings(data_folder=tmp_path, store="s3://boli-test", s3_endpoint="http://127.0.0.1:9")
    with pytest.raises(StorageUnavailable, match="does not answer") as caught:
        open_store(settings).size("p/x")
    assert caught.value.retryable
    assert caught.value.status == 503


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_is_not_ours_is_told(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "files")
    (tmp_path / "files" / ".incoming").chmod(0o500)
    with pytest.raises(StorageRefused, match="refuses us"):
        store.put_bytes("p/x", b"sound")


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    FolderStore(tmp_path / "files").put_bytes("p/x", b"sound")
    assert {oct((tmp_path / "files" / name).stat().st_mode & 0o077) for name in (".", ".incoming", "p")} == {"0o0"}


@pytest.mark.needs_tool("strace")
def test_file_and_folders_are_synced_before_the_writing_returns(tmp_path: Path) -> None:
    """The order in which the disk is told, as the kernel saw it."""
    code = (
        "import sys, pathlib, hashlib; from app.storage_folder import FolderStore; "
        "store = FolderStore(pathlib.Path(sys.argv[1])); store.put_bytes('p/x', b'sound'); print('DONE', flush=True)"
    )
    trace = tmp_path / "trace"
    subprocess.run(
        ["strace", "-f", "-y", "-e", "trace=fsync,link,linkat,write", "-o", trace, sys.executable, "-c", code,
         tmp_path / "files"],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    lines = trace.read_text().splitlines()

    def place(*words: str) -> int:
        return next(number for number, line in enumerate(lines) if all(word in line for word in words))

    assert place("fsync", "/.incoming/") < place("link", "/p/x") < place("fsync", "/files/p>") < place("write", "DONE")
    assert place("link", "/p/x") < max(n for n, line in enumerate(lines) if "fsync" in line and "/files>" in line)


WRITER = """
import os, pathlib, sys
from app.settings import Settings
from app.storage import open_store, sha256_of
store, folder = open_store(Settings()), pathlib.Path(sys.argv[1])
for number in range(100_000):
    path = folder / f"{number}.bin"
    path.write_bytes(os.urandom(9_000_000 if number % 4 == 3 else 300_000))
    sha256 = sha256_of(path)
    (store.take_file if number % 2 else store.put_file)(f"p/{sha256}", path, sha256=sha256)
    print(sha256, flush=True)
"""


def test_a_writer_that_is_killed_leaves_whole_files_and_all_that_it_told(
    store: Store, store_settings: Settings, tmp_path: Path
) -> None:
    told: list[str] = []
    for n_told in (1, 3, 6):
        folder = tmp_path / str(n_told)
        folder.mkdir()
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, folder], stdout=subprocess.PIPE, env=environment(store_settings), text=True
        )
        assert process.stdout is not None
        told += [process.stdout.readline().strip() for _ in range(n_told)]
        time.sleep(0.01 * n_told)
        process.kill()
        told += [line for line in process.communicate(timeout=30)[0].splitlines() if len(line) == 64]
    assert {file.key for file in store.list()} >= {f"p/{sha256}" for sha256 in told}
    assert [file.key for file in store.list() if f"p/{store.sha256(file.key)}" != file.key] == []


READER = """
import pathlib, sys
from app.settings import Settings
from app.storage import open_store
def most_kb():
    return int(pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
store, path, sha256 = open_store(Settings()), pathlib.Path(sys.argv[1]), sys.argv[2]
store.put_bytes("p/first", b"x")
before = most_kb()
store.put_file("p/big", path, sha256=sha256)
with store.open_local("p/big") as local:
    assert local.stat().st_size == path.stat().st_size
assert store.sha256("p/big") == sha256
print(most_kb() - before)
"""


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux tells the most memory that a process had"
)
def test_memory_does_not_grow_with_the_file(store_settings: Settings, tmp_path: Path) -> None:
    path, sha256 = a_file(tmp_path, 60_000_000)
    out = subprocess.run(
        [sys.executable, "-c", READER, path, sha256],
        capture_output=True, env=environment(store_settings), text=True, timeout=200, check=True,
    )  # fmt: skip
    assert int(out.stdout) < 45_000


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import resource, pathlib, sys; from app.storage import StorageFull, sha256_of; "
        "from app.storage_folder import FolderStore\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
        "store, path = FolderStore(pathlib.Path(sys.argv[2])), pathlib.Path(sys.argv[1])\n"
        "try: store.put_file('p/x', path, sha256=sha256_of(path))\n"
        "except StorageFull as error: print(error.status, list(store.list()), list(store.unfinished()), error)\n"
    )
    path, _ = a_file(tmp_path, 2_000_000)
    out = subprocess.run(
        [sys.executable, "-c", code, path, tmp_path / "files"], capture_output=True, text=True, timeout=60, check=True
    )
    assert out.stdout.startswith("507 [] [] ")
    assert "no space left" in out.stdout


def environment(settings: Settings) -> dict[str, str]:
    given = {"DATA_FOLDER": settings.data_folder, "STORE": settings.store, "S3_ENDPOINT": settings.s3_endpoint}
    return dict(os.environ) | {f"BOLI_{name}": str(value) for name, value in given.items() if value is not None}
