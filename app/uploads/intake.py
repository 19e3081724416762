"""The bucket or folder where clients leave files, each project's below its own id: nobody can name another's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from app.errors import AppError, FieldFault, Invalid, NotFound
from app.settings import Settings
from app.storage import PIECE_BYTES, StorageUnavailable
from app.storage_bucket import objects_at


class NoIntake(AppError):
    """The service has no place where clients leave files."""

    status = 409
    title = "No intake"


class Intake(Protocol):
    """Where objects lie. Both raise NotFound for one that is not there, StorageUnavailable where nothing answers."""

    def size(self, project_id: UUID, key: str) -> int:
        """Size of an object in bytes."""

    def pieces(self, project_id: UUID, key: str, start: int) -> Iterator[bytes]:
        """Its bytes from `start` on."""


def open_intake(settings: Settings) -> Intake:
    """The intake that the settings name.

    Raises:
        NoIntake: they name none.
    """
    if settings.intake is None:
        raise NoIntake("this service fetches no objects: the setting BOLI_INTAKE is empty; send the files instead")
    if settings.intake.startswith("s3://"):
        return BucketIntake(objects_at(urlsplit(settings.intake), settings))
    return FolderIntake(Path(settings.intake))


@dataclass(frozen=True, slots=True)
class BucketIntake:
    """A bucket."""

    objects: S3Store

    def size(self, project_id: UUID, key: str) -> int:
        """Size of an object."""
        try:
            return int(obstore.head(self.objects, _place(project_id, key))["size"])
        except (NotFoundError, FileNotFoundError) as error:
            raise _missing(key) from error
        except BaseError as error:
            raise _away(error) from error

    def pieces(self, project_id: UUID, key: str, start: int) -> Iterator[bytes]:
        """Its bytes, range by range."""
        end = self.size(project_id, key)
        for place in range(start, end, PIECE_BYTES):
            stop = min(place + PIECE_BYTES, end)
            try:
                yield bytes(obstore.get_range(self.objects, _place(project_id, key), start=place, end=stop))
            except BaseError as error:
                raise _away(error) from error


@dataclass(frozen=True, slots=True)
class FolderIntake:
    """A folder, for instance one that clients reach by SFTP. Links that lead out of a project's folder lead nowhere."""

    root: Path

    def size(self, project_id: UUID, key: str) -> int:
        """Size of a file."""
        return self._path(project_id, key).stat().st_size

    def pieces(self, project_id: UUID, key: str, start: int) -> Iterator[bytes]:
        """Its bytes."""
        with self._path(project_id, key).open("rb") as file:
            file.seek(start)
            while piece := file.read(PIECE_BYTES):
                yield piece

    def _path(self, project_id: UUID, key: str) -> Path:
        home = (self.root / str(project_id)).resolve()
        try:
            path = (self.root / _place(project_id, key)).resolve()
            is_there = path.is_file()
        except (OSError, ValueError) as error:
            raise _missing(key) from error
        if not is_there or not path.is_relative_to(home):
            raise _missing(key)
        return path


def _place(project_id: UUID, key: str) -> str:
    if any(part in ("", ".", "..") for part in key.split("/")) or not key.isprintable() or "\\" in key:
        expected = "a path of printable characters below the project's folder, without '..'"
        raise Invalid(f"key is {key!r:.90}, expected {expected}", FieldFault("key", repr(key)[:90], expected))
    return f"{project_id}/{key}"


def _missing(key: str) -> NotFound:
    return NotFound(f"there is no object {key!r:.200} in the project's folder of the intake")


def _away(error: Exception) -> StorageUnavailable:
    first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return StorageUnavailable(f"the intake does not answer: {first_line[:200]}; trying again may help")
