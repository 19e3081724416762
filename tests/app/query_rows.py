"""A database in which much lies and nearly all of it is done: what is asked must not look through it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.asr_model import AsrModel
from models.base import Base, new_id
from models.cached_file import CachedFile
from models.draft import Draft, DraftClaim, DraftSource
from models.organisation import Organisation
from models.project import Project, ProjectDialect, ProjectModel
from models.recording import DialectChange, Recording, RecordingState
from models.segment import Segment, SegmentReplacement
from models.task import Task, TaskSegment, TaskState
from models.upload import Upload, UploadState
from models.values import CutKind

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
N_PROJECTS = 25
N_IN_TASK = 20
_AT_ONCE = 5_000
_IN_WORK = (RecordingState.RECEIVED, RecordingState.SEGMENTED, RecordingState.DRAFTED)
_N_IN_WORK = 30


@dataclass(frozen=True, slots=True)
class Much:
    """What lies in it. The lists of recordings, segments and tasks are in the order of arrival."""

    organisation_id: UUID
    project_ids: list[UUID]
    model_id: UUID
    recording_ids: list[UUID]
    segment_ids: list[UUID]
    task_ids: list[UUID]


def fill_much(session: Session, *, n: int) -> Much:
    """So many recordings of one segment each, as many organisations, uploads and files; the newest are in work."""
    ids = {kind: [new_id() for _ in range(n)] for kind in ("owner", "recording", "segment")}
    projects, model_id = [new_id() for _ in range(N_PROJECTS)], new_id()
    much = Much(
        ids["owner"][0], projects, model_id, ids["recording"], ids["segment"],
        [new_id() for _ in range(n // N_IN_TASK)],
    )  # fmt: skip
    _put(session, Organisation, ({"id": each, "name": f"owner {i}"} | _at(i) for i, each in enumerate(ids["owner"])))
    _put(session, Project, (
        {"id": each, "organisation_id": much.organisation_id, "name": f"project {i}"} | _at(i)
        for i, each in enumerate(projects)
    ))  # fmt: skip
    _put(session, ProjectDialect, ({"project_id": each, "dialect": "hi-IN"} for each in projects))
    _put(session, ProjectModel, [{"project_id": projects[1], "model": "beside"}])
    _put(session, AsrModel, [{"id": model_id, "engine": "fake", "name": "demo", "revision": "1"}])
    _put(session, Recording, (_recording(much, i, n) for i in range(n)))
    _put(session, Segment, (_segment(much, i) for i in range(n)))
    _put(session, Draft, (_draft(much, i) for i in range(n - _N_IN_WORK)))
    _put_tasks(session, much, n)
    _put_beside(session, much, n)
    return much


def project_of(much: Much, i: int) -> UUID:
    """The project that a recording belongs to."""
    return much.project_ids[i % N_PROJECTS]


def _put_tasks(session: Session, much: Much, n: int) -> None:
    last = len(much.task_ids) - 1
    _put(session, Task, (
        {"id": each, "project_id": much.project_ids[i % N_PROJECTS], "dialect": "hi-IN", "n_segments": N_IN_TASK,
         "duration_ms": 1, "state": TaskState.WAITING if i == last else TaskState.DONE} | _at(i)
        for i, each in enumerate(much.task_ids)
    ))  # fmt: skip
    _put(session, TaskSegment, (
        {"task_id": much.task_ids[i // N_IN_TASK], "position": i % N_IN_TASK, "segment_id": much.segment_ids[i]}
        for i in range(n - _N_IN_WORK)
    ))  # fmt: skip


def _put_beside(session: Session, much: Much, n: int) -> None:
    """What belongs to some of them: files, uploads, corrections, replacements, and a claim."""
    _put(session, CachedFile, (
        {"storage_key": f"{i}.opus", "segment_id": each, "size_bytes": 1, "used_at": BEGAN + timedelta(seconds=i)}
        for i, each in enumerate(much.segment_ids)
    ))  # fmt: skip
    _put(session, Upload, (
        {"id": new_id(), "project_id": project_of(much, i), "file_name": f"{i}.wav", "size_bytes": 2, "offset_bytes": 1,
         "sha256": None, "facts": {}, "expires_at": BEGAN + timedelta(days=9_999),
         "state": UploadState.OPEN if i > n - 9 else UploadState.COMPLETE} | _at(i)
        for i in range(n)
    ))  # fmt: skip
    tenth = range(0, n - _N_IN_WORK, 10)
    _put(session, DialectChange, (
        {"recording_id": much.recording_ids[i], "before": None, "after": "hi-IN", "author": "a"} for i in tenth
    ))  # fmt: skip
    _put(session, SegmentReplacement, (
        {"segment_id": much.segment_ids[i + 1], "replaced_id": much.segment_ids[i]} for i in tenth
    ))  # fmt: skip
    claim = {"segment_id": much.segment_ids[-1], "model": "demo", "batch": "b", "expires_at": BEGAN}
    _put(session, DraftClaim, [claim])


def _recording(much: Much, i: int, n: int) -> dict[str, Any]:
    state = RecordingState.READY if i < n - _N_IN_WORK else _IN_WORK[i % len(_IN_WORK)]
    return {
        "id": much.recording_ids[i], "project_id": project_of(much, i), "state": state, "dialect": "hi-IN",
        "file_name": f"{i}.wav", "storage_key": f"key {i}", "sha256": f"{i:064x}", "sound_sha256": f"{i:064x}",
        "client_reference": f"ref {i}", "size_bytes": 1, "duration_ms": 5_000, "n_channels": 1,
    } | _at(i)  # fmt: skip


def _segment(much: Much, i: int) -> dict[str, Any]:
    return {
        "id": much.segment_ids[i], "recording_id": much.recording_ids[i], "channel": 0, "start_ms": 0, "end_ms": 5_000,
        "start_cut": CutKind.PAUSE, "end_cut": CutKind.PAUSE,
    }  # fmt: skip


def _draft(much: Much, i: int) -> dict[str, Any]:
    return {
        "segment_id": much.segment_ids[i], "asr_model_id": much.model_id, "dialect": "hi-IN", "text": "पानी",
        "source": DraftSource.MACHINE,
    }  # fmt: skip


def _at(i: int) -> dict[str, Any]:
    moment = BEGAN + timedelta(seconds=i)
    return {"created_at": moment, "updated_at": moment}


def _put(session: Session, table: type[Base], rows: Any) -> None:
    every: Iterator[dict[str, Any]] = iter(rows)
    while some := list(islice(every, _AT_ONCE)):
        session.execute(insert(table), some)
