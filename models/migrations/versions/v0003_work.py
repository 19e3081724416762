"""Tasks and what people write in them; the notes of the processes.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import choice, refers
from models.migrations.guards import guard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make these tables, each after those that it refers to."""
    _task()
    _task_segment()
    _revision()
    _errand()
    _idempotent_answer()
    _worker_heartbeat()
    guard("revision")


def _task() -> None:
    op.create_table(
        "task",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("dialect", sa.String()),
        sa.Column("stage", choice("task_stage", "correction", "review", "adjudication"), nullable=False),
        sa.Column("state", choice("task_state", "waiting", "claimed", "done", "cancelled"), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("n_segments", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("n_segments >= 0 AND duration_ms >= 0", name=op.f("ck_task_sizes")),
        refers("task", "project_id", "project.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index("ix_task_project_id", "task", ["project_id"])
    op.create_index(
        "ix_task_state_stage_dialect_project_id_priority_due_at",
        "task",
        ["state", "stage", "dialect", "project_id", "priority", "due_at"],
    )


def _task_segment() -> None:
    op.create_table(
        "task_segment",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        refers("task_segment", "segment_id", "segment.id"),
        refers("task_segment", "task_id", "task.id"),
        sa.PrimaryKeyConstraint("task_id", "position", name=op.f("pk_task_segment")),
    )
    op.create_index("ix_task_segment_segment_id", "task_segment", ["segment_id"])


def _revision() -> None:
    op.create_table(
        "revision",
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid()),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("n_keystrokes", sa.Integer(), nullable=False),
        sa.Column("active_ms", sa.Integer(), nullable=False),
        sa.Column("listened_share", sa.Double()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("n_keystrokes >= 0 AND active_ms >= 0", name=op.f("ck_revision_effort")),
        sa.CheckConstraint("listened_share BETWEEN 0 AND 1", name=op.f("ck_revision_share")),
        refers("revision", "parent_id", "revision.id"),
        refers("revision", "segment_id", "segment.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
    )
    op.create_index("ix_revision_parent_id", "revision", ["parent_id"])
    op.create_index("ix_revision_segment_id_created_at", "revision", ["segment_id", "created_at"])
    op.create_index("uq_revision_segment_id_client_id", "revision", ["segment_id", "client_id"], unique=True)


def _errand() -> None:
    op.create_table(
        "errand",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("n_asked", sa.Integer(), nullable=False),
        sa.Column("n_begun", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_errand")),
    )


def _idempotent_answer() -> None:
    op.create_table(
        "idempotent_answer",
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("body", sa.String()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key", name=op.f("pk_idempotent_answer")),
    )
    op.create_index("ix_idempotent_answer_created_at", "idempotent_answer", ["created_at"])


def _worker_heartbeat() -> None:
    op.create_table(
        "worker_heartbeat",
        sa.Column("executor_id", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", name=op.f("pk_worker_heartbeat")),
    )
    op.create_index("ix_worker_heartbeat_seen_at", "worker_heartbeat", ["seen_at"])
