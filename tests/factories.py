"""Rows for tests: each function adds one with what it needs, and takes what matters to the test by name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models.base import new_id
from models.draft import Draft, DraftSource
from models.organisation import Organisation
from models.project import Project
from models.recording import DialectChange, Recording, RecordingState
from models.revision import Revision
from models.segment import Segment, SegmentReplacement
from models.task import Task, TaskSegment
from models.values import CutKind


def add_project(session: Session, **columns: Any) -> Project:
    """A project of an organisation of its own."""
    organisation = Organisation(id=new_id(), name=f"organisation {new_id()}")
    project = Project(**{"id": new_id(), "organisation_id": organisation.id, "name": f"project {new_id()}"} | columns)
    session.add_all([organisation, project])
    return project


def add_recording(session: Session, **columns: Any) -> Recording:
    """A recording of ten seconds, cut, in a project of its own unless `project_id` is given."""
    columns["project_id"] = columns.get("project_id") or add_project(session).id
    given = {
        "id": new_id(), "state": RecordingState.SEGMENTED, "file_name": "a.opus", "storage_key": f"key {new_id()}",
        "sha256": new_id().hex, "size_bytes": 1_000, "duration_ms": 10_000, "n_channels": 1, "dialect": "hi-IN",
    }  # fmt: skip
    recording = Recording(**given | columns)
    session.add(recording)
    return recording


def add_segment(session: Session, recording_id: UUID, **columns: Any) -> Segment:
    """The first five seconds of a recording, unless told otherwise."""
    given = {"channel": 0, "start_ms": 0, "end_ms": 5_000, "start_cut": CutKind.PAUSE, "end_cut": CutKind.PAUSE}
    segment = Segment(**{"id": new_id(), "recording_id": recording_id} | given | columns)
    session.add(segment)
    return segment


def add_draft(session: Session, segment_id: UUID, **columns: Any) -> Draft:
    """A client's draft."""
    draft = Draft(**{"id": new_id(), "segment_id": segment_id, "source": DraftSource.CLIENT, "text": "नमस्ते"} | columns)
    session.add(draft)
    return draft


def add_revision(session: Session, segment_id: UUID, **columns: Any) -> Revision:
    """A person's text."""
    given = {"id": new_id(), "client_id": new_id(), "author": "operator", "text": "नमस्ते जी"}
    revision = Revision(**given | {"segment_id": segment_id} | columns)
    session.add(revision)
    return revision


def add_replacement(session: Session, segment_id: UUID, replaced_id: UUID) -> SegmentReplacement:
    """That one segment stands where another stood."""
    replacement = SegmentReplacement(segment_id=segment_id, replaced_id=replaced_id)
    session.add(replacement)
    return replacement


def add_dialect_change(session: Session, recording_id: UUID) -> DialectChange:
    """A corrected dialect."""
    change = DialectChange(id=new_id(), recording_id=recording_id, before="hi-IN", after="bho-IN", author="operator")
    session.add(change)
    return change


def add_task(session: Session, project_id: UUID, segments: list[Segment], **columns: Any) -> Task:
    """A task of these segments, in this order."""
    duration_ms = sum(segment.duration_ms for segment in segments)
    given = {"id": new_id(), "project_id": project_id, "n_segments": len(segments), "duration_ms": duration_ms}
    task = Task(**given | columns)
    session.add(task)
    session.add_all(
        TaskSegment(task_id=task.id, position=place, segment_id=segment.id) for place, segment in enumerate(segments)
    )
    return task
