"""Organisations, projects and their recordings; the door of erasure.

Revision ID: 0001
Revises: None
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import choice, refers
from models.migrations.guards import guard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make these tables, each after those that it refers to."""
    _organisation()
    _project()
    _project_dialect()
    _project_model()
    _speaker()
    _recording()
    _dialect_change()
    _upload()
    _erasure_grant()
    guard("dialect_change")


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("max_stored_bytes", sa.BigInteger()),
        sa.Column("max_file_bytes", sa.BigInteger()),
        sa.Column("max_open_uploads", sa.Integer()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )


def _project() -> None:
    op.create_table(
        "project",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text_tier", choice("text_tier", "verbatim", "normalised", "both"), nullable=False),
        sa.Column("guidelines", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("is_drafted", sa.Boolean(), nullable=False),
        sa.Column("region", sa.String()),
        sa.Column("retention_days", sa.Integer()),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        refers("project", "organisation_id", "organisation.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_project_organisation_id_name")),
    )


def _project_dialect() -> None:
    op.create_table(
        "project_dialect",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("dialect", sa.String(), nullable=False),
        sa.Column("is_drafted", sa.Boolean()),
        sa.Column("target_hours", sa.Double()),
        refers("project_dialect", "project_id", "project.id"),
        sa.PrimaryKeyConstraint("project_id", "dialect", name=op.f("pk_project_dialect")),
    )


def _project_model() -> None:
    op.create_table(
        "project_model",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        refers("project_model", "project_id", "project.id"),
        sa.PrimaryKeyConstraint("project_id", "model", name=op.f("pk_project_model")),
    )


def _speaker() -> None:
    op.create_table(
        "speaker",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("gender", sa.String()),
        sa.Column("age_band", sa.String()),
        sa.Column("first_language", sa.String()),
        sa.Column("consent_reference", sa.String()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        refers("speaker", "project_id", "project.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speaker")),
        sa.UniqueConstraint("project_id", "pseudonym", name=op.f("uq_speaker_project_id_pseudonym")),
    )


def _recording() -> None:
    op.create_table(
        "recording",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("speaker_id", sa.Uuid()),
        sa.Column("duplicate_of_id", sa.Uuid()),
        sa.Column(
            "state",
            choice("recording_state", "received", "segmented", "drafted", "ready", "broken", "duplicate"),
            nullable=False,
        ),
        sa.Column("fault", sa.String()),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("sound_sha256", sa.String()),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger()),
        sa.Column("n_channels", sa.Integer()),
        sa.Column("container", sa.String()),
        sa.Column("quality", sa.JSON()),
        sa.Column("client_draft", sa.JSON()),
        *_told_of_recording(),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state <> 'broken' OR fault IS NOT NULL", name=op.f("ck_recording_broken_has_fault")),
        sa.CheckConstraint(
            "state <> 'duplicate' OR duplicate_of_id IS NOT NULL", name=op.f("ck_recording_duplicate_of_another")
        ),
        sa.CheckConstraint("size_bytes >= 0 AND duration_ms >= 0 AND n_channels >= 0", name=op.f("ck_recording_sizes")),
        refers("recording", "duplicate_of_id", "recording.id"),
        refers("recording", "project_id", "project.id"),
        refers("recording", "speaker_id", "speaker.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
        sa.UniqueConstraint("project_id", "client_reference", name=op.f("uq_recording_project_id_client_reference")),
    )
    _index_recordings()


def _index_recordings() -> None:
    op.create_index("ix_recording_duplicate_of_id", "recording", ["duplicate_of_id"])
    op.create_index("ix_recording_project_id_sha256", "recording", ["project_id", "sha256"])
    op.create_index("ix_recording_project_id_sound_sha256", "recording", ["project_id", "sound_sha256"])
    op.create_index("ix_recording_project_id_state", "recording", ["project_id", "state"])
    op.create_index("ix_recording_speaker_id", "recording", ["speaker_id"])


def _told_of_recording() -> list[sa.Column[str]]:
    """What the client tells of a recording."""
    names = (
        "dialect",
        "country",
        "state_or_province",
        "district",
        "device",
        "environment",
        "client_reference",
    )
    return [sa.Column(name, sa.String()) for name in names]


def _dialect_change() -> None:
    op.create_table(
        "dialect_change",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.String()),
        sa.Column("after", sa.String()),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        refers("dialect_change", "recording_id", "recording.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dialect_change")),
    )
    op.create_index("ix_dialect_change_recording_id", "dialect_change", ["recording_id"])


def _upload() -> None:
    op.create_table(
        "upload",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid()),
        sa.Column("state", choice("upload_state", "open", "complete", "terminated", "expired"), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("offset_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String()),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("0 <= offset_bytes AND offset_bytes <= size_bytes", name=op.f("ck_upload_offset")),
        refers("upload", "project_id", "project.id"),
        refers("upload", "recording_id", "recording.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index("ix_upload_project_id_sha256", "upload", ["project_id", "sha256"])
    op.create_index("ix_upload_recording_id", "upload", ["recording_id"])
    op.create_index("ix_upload_state_expires_at", "upload", ["state", "expires_at"])


def _erasure_grant() -> None:
    op.create_table(
        "erasure_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shut_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_erasure_grant_id")),
        sa.CheckConstraint("shut_by = 0", name=op.f("ck_erasure_grant_shut_by")),
        refers("erasure_grant", "shut_by", "erasure_grant.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_grant")),
        sa.UniqueConstraint("recording_id", name=op.f("uq_erasure_grant_recording_id")),
    )
