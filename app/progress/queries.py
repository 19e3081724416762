"""A project's progress, from one statement over the states in our own tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, case, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from app.progress.schemas import ProjectProgress, RecordingsProgress, SegmentsProgress, TasksProgress
from app.recordings.queries import has_draft, has_text
from app.segments.queries import is_current
from models.base import now
from models.draft import Draft
from models.recording import Recording, RecordingState
from models.segment import Segment
from models.task import Task, TaskState

PACE_WINDOW = timedelta(minutes=10)
_AT_WORK = (RecordingState.RECEIVED, RecordingState.SEGMENTED, RecordingState.DRAFTED)


@dataclass(frozen=True, slots=True)
class _Group:
    """How many of a kind are in a state, and how much audio that is."""

    n: int = 0
    audio_ms: int = 0


_Groups = Mapping[str, Mapping[str, _Group]]


def progress(session: Session, project_id: UUID) -> ProjectProgress:
    """How far a project has come."""
    moment = now()
    groups: dict[str, dict[str, _Group]] = {kind: {} for kind in ("recording", "lately", "segment", "draft", "task")}
    statement = union_all(
        _recordings(project_id), _ready_lately(project_id, moment), _segments(project_id), _drafts(project_id),
        _tasks(project_id),
    )  # fmt: skip
    for kind, state, n, audio_ms in session.execute(statement):
        groups[kind][state] = _Group(n, int(audio_ms))
    return _told(project_id, groups)


def _recordings(project_id: UUID) -> Select[str, str, int, Any]:
    return _grouped("recording", Recording.state, Recording.duration_ms).where(Recording.project_id == project_id)


def _ready_lately(project_id: UUID, moment: datetime) -> Select[str, str, int, Any]:
    """Recordings that became ready of late, one group."""
    return _grouped("lately", literal("ready"), Recording.duration_ms).where(
        Recording.project_id == project_id,
        Recording.state == RecordingState.READY,
        Recording.updated_at > moment - PACE_WINDOW,
    )


def _segments(project_id: UUID) -> Select[str, str, int, Any]:
    state = case((has_text(), "drafted"), (has_draft(), "without_text"), else_="untried")
    return (
        _grouped("segment", state, Segment.end_ms - Segment.start_ms)
        .join(Recording, Recording.id == Segment.recording_id)
        .where(Recording.project_id == project_id, is_current())
    )


def _drafts(project_id: UUID) -> Select[str, str, int, Any]:
    return (
        _grouped("draft", literal("all"), literal(0))
        .select_from(Draft)
        .join(Segment, Segment.id == Draft.segment_id)
        .join(Recording, Recording.id == Segment.recording_id)
        .where(Recording.project_id == project_id)
    )


def _tasks(project_id: UUID) -> Select[str, str, int, Any]:
    return _grouped("task", Task.state, Task.duration_ms).where(
        Task.project_id == project_id, Task.state != TaskState.CANCELLED
    )


def _grouped(kind: str, state: Any, milliseconds: Any) -> Select[str, str, int, Any]:
    key = cast(state, String)
    return select(literal(kind), key, func.count(), func.coalesce(func.sum(milliseconds), 0)).group_by(key)


def _told(project_id: UUID, groups: _Groups) -> ProjectProgress:
    recordings, segments, tasks = groups["recording"], groups["segment"], groups["task"]
    n_waiting = sum(_of(recordings, state).n for state in _AT_WORK)
    n_ready = _of(recordings, RecordingState.READY).n
    segments_ms = _total(segments).audio_ms
    return ProjectProgress(
        project_id=project_id,
        recordings=RecordingsProgress(
            n=_total(recordings).n, audio_ms=_total(recordings).audio_ms,
            by_state={state: _of(recordings, state).n for state in RecordingState},
        ),
        segments=SegmentsProgress(
            n=_total(segments).n, audio_ms=segments_ms, n_drafted=_of(segments, "drafted").n,
            n_without_text=_of(segments, "without_text").n, n_untried=_of(segments, "untried").n,
        ),
        tasks=TasksProgress(
            n=_total(tasks).n, audio_ms=_total(tasks).audio_ms,
            by_state={state: _of(tasks, state).n for state in TaskState if state != TaskState.CANCELLED},
        ),
        n_drafts=_total(groups["draft"]).n,
        share_ready=_share(n_ready, n_ready + n_waiting),
        share_done=_share(_of(tasks, TaskState.DONE).audio_ms, segments_ms),
        machine_s_left=_seconds_left(n_waiting, _total(groups["lately"]).n),
    )  # fmt: skip


def _of(groups: Mapping[str, _Group], state: str) -> _Group:
    return groups.get(state, _Group())


def _total(groups: Mapping[str, _Group]) -> _Group:
    return _Group(sum(each.n for each in groups.values()), sum(each.audio_ms for each in groups.values()))


def _share(part: int, whole: int) -> float | None:
    """Two decimals of a percent: finer is noise, and would send events without news."""
    return round(min(part / whole, 1.0), 4) if whole else None


def _seconds_left(n_waiting: int, n_lately: int) -> int | None:
    """At the pace of `PACE_WINDOW`, to whole minutes; None where nothing was made ready in it."""
    if n_waiting == 0:
        return 0
    if n_lately == 0:
        return None
    return ceil(n_waiting / n_lately * PACE_WINDOW.total_seconds() / 60) * 60
