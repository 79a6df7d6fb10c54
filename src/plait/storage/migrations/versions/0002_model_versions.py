"""Versions of models, which of them answer under a name, and the history of that."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    create_versions()
    create_aliases()


def create_versions() -> None:
    op.create_table(
        "model_versions",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("base_sha256", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("removed_at", sa.BigInteger),
        sa.Column("quarantine", sa.Text),
        sa.UniqueConstraint("project", "name", "number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_model_versions_sha256", "model_versions", ["sha256"])


def create_aliases() -> None:
    op.create_table(
        "aliases",
        sa.Column("project", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version_id", ROW_ID, sa.ForeignKey("model_versions.id")),
        sa.Column("weight", sa.Integer, nullable=False),
    )
    op.create_index("ix_aliases_version_id", "aliases", ["version_id"])
    op.create_table(
        "alias_changes",
        sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("weights", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alias_changes_project_name_fingerprint", "alias_changes", ["project", "name", "fingerprint"])
