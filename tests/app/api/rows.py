"""Rows as uploads and jobs leave them, for tests of what shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models.asr_model import AsrModel
from models.base import new_id
from models.draft import Draft, DraftSource
from models.organisation import Organisation
from models.project import Project, ProjectDialect
from models.recording import Recording, RecordingState
from models.segment import Segment
from models.speaker import Speaker
from models.task import Task, TaskSegment, TaskState
from models.values import CutKind, NoDraftReason

SEGMENT_MS = 4_000


@dataclass(frozen=True, slots=True)
class Filled:
    """What `fill` made."""

    project_id: UUID
    recording_ids: list[UUID]
    segment_ids: list[UUID]
    task_ids: list[UUID]


def fill(session: Session, *, n_recordings: int = 2, n_segments: int = 3, name: str = "Farm radio") -> Filled:
    """A project with recordings that are ready: each segment has a draft, but for the last of each, which has none."""
    organisation = Organisation(id=new_id(), name=f"Owner of {name}")
    project = Project(id=new_id(), organisation_id=organisation.id, name=name)
    model = AsrModel(id=new_id(), engine="fake", name="demo", revision=new_id().hex, licence=None)
    speaker = Speaker(id=new_id(), project_id=project.id, pseudonym="spk-1", gender="female")
    session.add_all([organisation, project, ProjectDialect(project_id=project.id, dialect="hi-IN"), model, speaker])
    filled = Filled(project.id, [], [], [])
    for number in range(n_recordings):
        recording = _recording(project.id, number, n_segments * SEGMENT_MS, speaker.id)
        segments = [_segment(recording.id, place) for place in range(n_segments)]
        task = _task(project.id, segments)
        places = [TaskSegment(task_id=task.id, position=i, segment_id=each.id) for i, each in enumerate(segments)]
        drafts = [_draft(each.id, model.id, number) for each in segments[:-1]] + [_no_draft(segments[-1].id, model.id)]
        session.add_all([recording, *segments, task, *places, *drafts])
        filled.recording_ids.append(recording.id)
        filled.segment_ids.extend(each.id for each in segments)
        filled.task_ids.append(task.id)
    session.flush()
    return filled


def _recording(project_id: UUID, number: int, duration_ms: int, speaker_id: UUID) -> Recording:
    facts: dict[str, Any] = {"dialect": "hi-IN", "district": "Patna", "client_reference": f"ref-{number}"}
    return Recording(
        id=new_id(), project_id=project_id, state=RecordingState.READY, file_name=f"गाँव {number}.opus",
        storage_key=f"{project_id}/{number:064x}", sha256=f"{number:064x}", size_bytes=1000, duration_ms=duration_ms,
        n_channels=1, speaker_id=speaker_id, **facts,
    )  # fmt: skip


def _segment(recording_id: UUID, place: int) -> Segment:
    return Segment(
        id=new_id(), recording_id=recording_id, channel=0, start_ms=place * SEGMENT_MS,
        end_ms=(place + 1) * SEGMENT_MS, start_cut=CutKind.PAUSE, end_cut=CutKind.PAUSE,
    )  # fmt: skip


def _task(project_id: UUID, segments: list[Segment]) -> Task:
    return Task(
        id=new_id(), project_id=project_id, dialect="hi-IN", state=TaskState.WAITING, n_segments=len(segments),
        duration_ms=sum(each.duration_ms for each in segments),
    )  # fmt: skip


def _draft(segment_id: UUID, model_id: UUID, number: int) -> Draft:
    return Draft(
        segment_id=segment_id, asr_model_id=model_id, dialect="hi-IN", source=DraftSource.MACHINE,
        text=f"पानी {number}", words=[{"text": "पानी", "start_ms": 0, "end_ms": 400, "confidence": 0.5}],
        flags=["loop"],
    )  # fmt: skip


def _no_draft(segment_id: UUID, model_id: UUID) -> Draft:
    return Draft(
        segment_id=segment_id, asr_model_id=model_id, dialect="hi-IN", source=DraftSource.MACHINE,
        no_draft_reason=NoDraftReason.ENGINE_FAILED, no_draft_detail="no answer",
    )  # fmt: skip
