"""Recorded answers, their files, and what people said about answers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    create_answers()
    create_feedback()


def create_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("wording", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("quarantine", sa.Text),
    )
    op.create_index("ix_answers_person", "answers", ["person"])
    op.create_index(
        "ix_answers_project_task_fingerprint_created_at", "answers", ["project", "task", "fingerprint", "created_at"]
    )
    op.create_table(
        "answer_files",
        sa.Column("answer_id", sa.Text, sa.ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("sha256", sa.String(64), sa.ForeignKey("files.sha256"), nullable=False),
        sa.Column("prefix", sa.Text, nullable=False),
    )
    op.create_index("ix_answer_files_sha256", "answer_files", ["sha256"])


def create_feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("answer_id", sa.Text, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("is_right", sa.Boolean),
        sa.Column("score", sa.Float),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("better_than", sa.Text, nullable=False),
        sa.Column("episode", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feedback_answer_id", "feedback", ["answer_id"])
    op.create_index("ix_feedback_person", "feedback", ["person"])
    op.create_index("ix_feedback_project_task_fingerprint", "feedback", ["project", "task", "fingerprint"])
