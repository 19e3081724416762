"""Indexes for lists in order of arrival, and for sweeps over all projects.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes; those whose columns now begin another go."""
    op.create_index("ix_organisation_created_at_id", "organisation", ["created_at", "id"])
    op.create_index("ix_project_created_at_id", "project", ["created_at", "id"])
    op.create_index("ix_project_organisation_id_created_at_id", "project", ["organisation_id", "created_at", "id"])
    op.create_index("ix_recording_project_id_created_at_id", "recording", ["project_id", "created_at", "id"])
    op.create_index("ix_recording_state_updated_at", "recording", ["state", "updated_at"])
    op.create_index("ix_upload_project_id_file_name", "upload", ["project_id", "file_name"])
    op.create_index("ix_upload_project_id_created_at_id", "upload", ["project_id", "created_at", "id"])
    op.create_index("ix_task_project_id_created_at_id", "task", ["project_id", "created_at", "id"])
    op.drop_index("ix_task_project_id", "task")
    op.create_index("ix_draft_claim_expires_at_model", "draft_claim", ["expires_at", "model"])
