"""Addresses hold for one file, one person and a while."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.signing import SECRET_FILE, VALID_S, LinkInvalid, SecretUnusable, Signer, next_expiry, open_signer

SOON = int(time.time()) + 600


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return open_signer(tmp_path)


def test_an_address_holds_for_its_file_person_and_time_alone(signer: Signer) -> None:
    signature = signer.signature("clip 1", expires=SOON, principal="asha")
    signer.check("clip 1", expires=SOON, principal="asha", signature=signature)
    for changed in (
        {"resource": "clip 2", "expires": SOON, "principal": "asha"},
        {"resource": "clip 1", "expires": SOON + 1, "principal": "asha"},
        {"resource": "clip 1", "expires": SOON, "principal": "ravi"},
    ):
        with pytest.raises(LinkInvalid):
            signer.check(**changed, signature=signature)  # type: ignore[arg-type]


@pytest.mark.parametrize("signature", ["", "0" * 64, "ü", "\udcff", "0"])
def test_what_is_no_signature_is_refused(signer: Signer, signature: str) -> None:
    with pytest.raises(LinkInvalid):
        signer.check("clip 1", expires=SOON, principal="asha", signature=signature)


def test_an_address_expires(signer: Signer) -> None:
    before = int(time.time()) - 1
    signature = signer.signature("clip 1", expires=before, principal="asha")
    with pytest.raises(LinkInvalid):
        signer.check("clip 1", expires=before, principal="asha", signature=signature)


def test_parts_of_what_is_signed_cannot_be_shifted(signer: Signer) -> None:
    one = signer.signature('a", 1, "b', expires=1, principal="c")
    assert one != signer.signature("a", expires=1, principal='b", 1, "c')


def test_an_address_made_now_holds_half_an_hour_at_least() -> None:
    assert VALID_S < next_expiry() - time.time() <= 2 * VALID_S


def test_the_secret_is_drawn_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first, other = open_signer(tmp_path / "a"), open_signer(tmp_path / "b")
    file = tmp_path / "a" / SECRET_FILE
    assert first.secret == open_signer(tmp_path / "a").secret == file.read_bytes()
    assert first.secret != other.secret
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == [SECRET_FILE]
    assert first.secret.hex() not in repr(first)


def test_processes_that_start_at_once_share_one_secret(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from app.signing import open_signer; "
        "time.sleep(max(0, float(sys.argv[2]) - time.time())); print(open_signer(Path(sys.argv[1])).secret.hex())"
    )
    at = str(time.time() + 2)
    processes = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path, at], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    assert len({process.communicate(timeout=60)[0] for process in processes}) == 1


def test_a_secret_that_others_can_read_or_that_was_cut_is_refused(tmp_path: Path) -> None:
    open_signer(tmp_path)
    file = tmp_path / SECRET_FILE
    file.chmod(0o644)
    with pytest.raises(SecretUnusable, match="chmod 600"):
        open_signer(tmp_path)
    file.chmod(0o600)
    file.write_bytes(b"short")
    with pytest.raises(SecretUnusable, match="5 bytes, expected 32"):
        open_signer(tmp_path)
