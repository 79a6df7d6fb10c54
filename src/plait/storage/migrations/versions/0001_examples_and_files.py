"""Examples of users, and the files that belong to them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "examples",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("row", sa.Text, nullable=False),
        sa.Column("correction", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("removed_at", sa.BigInteger),
        sa.Column("quarantine", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_examples_project_task_fingerprint_author", "examples", ["project", "task", "fingerprint", "author"]
    )
    op.create_table(
        "example_files",
        sa.Column("example_id", ROW_ID, sa.ForeignKey("examples.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("sha256", sa.String(64), sa.ForeignKey("files.sha256"), nullable=False),
        sa.Column("prefix", sa.Text, nullable=False),
    )
    op.create_index("ix_example_files_sha256", "example_files", ["sha256"])
