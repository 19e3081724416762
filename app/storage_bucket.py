"""Files in an S3-compatible bucket."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import S3Store

from app.storage import PIECE_BYTES, Store, checked_hash, checked_key, mismatch

if TYPE_CHECKING:
    from app.settings import Settings

WHOLE_BYTES = 8 * 1024 * 1024
"""Up to here a file is sent in one create-only request; longer ones go in parts, which appear when the last is in."""
MIN_PART_BYTES = 5 * 1024 * 1024
MAX_PARTS = 10_000
"""Source: Amazon S3, "Multipart upload limits"."""
N_PARTS_AT_ONCE = 4
CONNECT_TIMEOUT = timedelta(seconds=10)
REQUEST_TIMEOUT = timedelta(seconds=120)
"""For one part: 5 MiB need that long at 350 kbit/s."""
RETRY_TIMEOUT = timedelta(seconds=60)
MAX_RETRIES = 5


class BucketStore(Store):
    """A bucket. Retries what may pass (5xx, dropped connections) for up to a minute.

    A file longer than `WHOLE_BYTES` is create-only as far as a look beforehand tells: S3 takes no condition with parts
    through obstore. Keys of recordings hold their hash, so two writers at once write the same.
    """

    def __init__(self, objects: S3Store, place: str) -> None:
        super().__init__(objects, place)
        self._bucket = objects

    def put_file(self, key: str, path: Path, *, sha256: str) -> None:
        """Store a copy of a file."""
        checked_key(key)
        checked_hash(sha256)
        size_bytes = path.stat().st_size
        if size_bytes <= WHOLE_BYTES:
            whole = path.read_bytes()
            found = hashlib.sha256(whole).hexdigest()
            if found != sha256:
                raise mismatch(path, found, sha256)
            self._create(key, whole, sha256)
        elif self.exists(key):
            self._confirm_same(key, sha256, size_bytes)
        else:
            self._put_parts(key, path, sha256, size_bytes)

    def take_file(self, key: str, path: Path, *, sha256: str) -> None:
        """Store a file and delete it here."""
        self.put_file(key, path, sha256=sha256)
        path.unlink(missing_ok=True)

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store a small file."""
        self._create(checked_key(key), data, hashlib.sha256(data).hexdigest())

    def replace_bytes(self, key: str, data: bytes, *, content_type: str) -> None:
        """Store a small file in place of the one before."""
        self._asked(
            obstore.put, self._objects, checked_key(key), data,
            mode="overwrite", use_multipart=False, attributes={"Content-Type": content_type},
        )  # fmt: skip

    @contextmanager
    def open_local(self, key: str) -> Iterator[Path]:
        """A download."""
        with tempfile.TemporaryDirectory(prefix="boli-") as folder:
            path = Path(folder) / checked_key(key).rpartition("/")[2]
            with path.open("xb") as file:
                for piece in self.pieces(key):
                    file.write(piece)
            yield path

    def signed_url(self, key: str, *, expires_in: timedelta) -> str | None:
        """An address at the bucket itself."""
        return str(self._asked(obstore.sign, self._bucket, "GET", checked_key(key), expires_in))

    def _create(self, key: str, data: bytes, sha256: str) -> None:
        try:
            self._asked(obstore.put, self._objects, key, data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            self._confirm_same(key, sha256, len(data))

    def _put_parts(self, key: str, path: Path, sha256: str, size_bytes: int) -> None:
        part_bytes = max(MIN_PART_BYTES, -(-size_bytes // MAX_PARTS))
        self._asked(
            obstore.put, self._objects, key, _checked_pieces(path, sha256),
            use_multipart=True, chunk_size=part_bytes, max_concurrency=N_PARTS_AT_ONCE,
        )  # fmt: skip


def open_bucket(settings: Settings) -> BucketStore:
    """The bucket that the settings name; credentials come from the usual `AWS_...` variables or the machine's role."""
    address = urlsplit(settings.store or "")
    return BucketStore(objects_at(address, settings), f"s3://{address.netloc}{address.path}".rstrip("/"))


def objects_at(address: SplitResult, settings: Settings) -> S3Store:
    """The objects below an address, `s3://bucket/prefix`, on the server that the settings name."""
    return S3Store(
        address.netloc,
        prefix=address.path.strip("/") or None,
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        virtual_hosted_style_request=settings.s3_virtual_host,
        client_options={
            "allow_http": (settings.s3_endpoint or "").startswith("http://"),
            "connect_timeout": CONNECT_TIMEOUT,
            "timeout": REQUEST_TIMEOUT,
        },
        retry_config={"max_retries": MAX_RETRIES, "retry_timeout": RETRY_TIMEOUT},
    )


def _checked_pieces(path: Path, sha256: str) -> Iterator[bytes]:
    """The file's bytes. Raises ChecksumMismatch in place of the end, which aborts the upload before it is visible."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            yield piece
    if digest.hexdigest() != sha256:
        raise mismatch(path, digest.hexdigest(), sha256)
