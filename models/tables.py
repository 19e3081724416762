"""Every table, for migrations."""

from __future__ import annotations

from models.asr_model import AsrModel
from models.base import Base
from models.cached_file import CachedFile
from models.draft import Draft, DraftClaim
from models.erasure import ErasureGrant
from models.errand import Errand
from models.idempotency import IdempotentAnswer
from models.organisation import Organisation
from models.project import Project, ProjectDialect, ProjectModel
from models.recording import DialectChange, Recording
from models.revision import Revision
from models.segment import Segment, SegmentReplacement
from models.speaker import Speaker
from models.task import Task, TaskSegment
from models.upload import Upload
from models.worker import WorkerHeartbeat

metadata = Base.metadata

__all__ = [
    "AsrModel", "CachedFile", "DialectChange", "Draft", "DraftClaim", "ErasureGrant", "Errand", "IdempotentAnswer",
    "Organisation", "Project", "ProjectDialect", "ProjectModel", "Recording", "Revision", "Segment",
    "SegmentReplacement", "Speaker", "Task", "TaskSegment", "Upload", "WorkerHeartbeat", "metadata",
]  # fmt: skip
