"""Segments and drafts.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import choice, refers, where
from models.migrations.guards import guard

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make these tables, each after those that it refers to."""
    _segment()
    _segment_replacement()
    _asr_model()
    _draft()
    _draft_claim()
    _cached_file()
    guard("segment")
    guard("segment_replacement")
    guard("draft")


def _segment() -> None:
    op.create_table(
        "segment",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=False),
        sa.Column("start_cut", choice("start_cut", "pause", "quiet", "hard", "person"), nullable=False),
        sa.Column("end_cut", choice("end_cut", "pause", "quiet", "hard", "person"), nullable=False),
        sa.Column("author", sa.String()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel >= 0", name=op.f("ck_segment_channel")),
        sa.CheckConstraint("0 <= start_ms AND start_ms < end_ms", name=op.f("ck_segment_span")),
        refers("segment", "recording_id", "recording.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
    )
    op.create_index("ix_segment_recording_id_channel_start_ms", "segment", ["recording_id", "channel", "start_ms"])


def _segment_replacement() -> None:
    op.create_table(
        "segment_replacement",
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("replaced_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("segment_id <> replaced_id", name=op.f("ck_segment_replacement_not_itself")),
        refers("segment_replacement", "replaced_id", "segment.id"),
        refers("segment_replacement", "segment_id", "segment.id"),
        sa.PrimaryKeyConstraint("segment_id", "replaced_id", name=op.f("pk_segment_replacement")),
    )
    op.create_index("ix_segment_replacement_replaced_id", "segment_replacement", ["replaced_id"])


def _asr_model() -> None:
    op.create_table(
        "asr_model",
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("licence", sa.String()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asr_model")),
        sa.UniqueConstraint("engine", "name", "revision", name=op.f("uq_asr_model_engine_name_revision")),
    )


def _draft() -> None:
    op.create_table(
        "draft",
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("asr_model_id", sa.Uuid()),
        sa.Column("dialect", sa.String()),
        sa.Column("source", choice("draft_source", "machine", "client"), nullable=False),
        sa.Column("text", sa.String()),
        sa.Column(
            "no_draft_reason",
            choice("no_draft_reason", "dialect_not_drafted", "language_not_in_model", "engine_failed"),
        ),
        sa.Column("no_draft_detail", sa.String()),
        sa.Column("language", sa.String()),
        sa.Column("average_logprob", sa.Double()),
        sa.Column("no_speech_probability", sa.Double()),
        sa.Column("n_tokens", sa.Integer(), nullable=False),
        sa.Column("temperature", sa.Double(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(source = 'machine') = (dialect IS NOT NULL)", name=op.f("ck_draft_machine_has_dialect")),
        sa.CheckConstraint(
            "(source = 'machine') = (asr_model_id IS NOT NULL)", name=op.f("ck_draft_machine_has_model")
        ),
        sa.CheckConstraint("(text IS NULL) = (no_draft_reason IS NOT NULL)", name=op.f("ck_draft_text_or_reason")),
        refers("draft", "asr_model_id", "asr_model.id"),
        refers("draft", "segment_id", "segment.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_index(
        "uq_draft_segment_id_asr_model_id_dialect", "draft", ["segment_id", "asr_model_id", "dialect"], unique=True
    )
    op.create_index("uq_draft_segment_id_client", "draft", ["segment_id"], unique=True, **where("source = 'client'"))


def _draft_claim() -> None:
    op.create_table(
        "draft_claim",
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        refers("draft_claim", "segment_id", "segment.id"),
        sa.PrimaryKeyConstraint("segment_id", "model", name=op.f("pk_draft_claim")),
    )
    op.create_index("ix_draft_claim_batch", "draft_claim", ["batch"])


def _cached_file() -> None:
    op.create_table(
        "cached_file",
        sa.Column("storage_key", sa.String(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        refers("cached_file", "segment_id", "segment.id"),
        sa.PrimaryKeyConstraint("storage_key", name=op.f("pk_cached_file")),
    )
    op.create_index("ix_cached_file_segment_id", "cached_file", ["segment_id"])
    op.create_index("ix_cached_file_used_at", "cached_file", ["used_at"])
