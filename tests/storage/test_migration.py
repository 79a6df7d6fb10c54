"""The schema: migrations and the tables at once are the same; a migration is backed up, and whole or not at all."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from plait import Task
from plait.core.errors import SettingsError
from plait.storage import migrations, schema, schema_update
from plait.storage.archive import read_backup
from plait.storage.database import Database, database_at
from plait.storage.migrations import alembic_config, known_versions, upgrade
from plait.storage.schema import has_tables, schema_version, update_schema, writing
from plait.storage.tables import SCHEMA_VERSION, metadata
from tests.support.killed_statements import kill_everywhere

STRIDE = 6  # a kill before every sixth statement; the others are looked at by changing this
NEXT = "9999"
NEXT_REVISION = f'''
from alembic import op
import sqlalchemy as sa

revision = "{NEXT}"
down_revision = "{SCHEMA_VERSION}"


def upgrade() -> None:
    op.add_column("examples", sa.Column("mood", sa.Text, nullable=False, server_default="calm"))
    op.create_table("moods", sa.Column("name", sa.Text, primary_key=True))
    op.execute("INSERT INTO moods VALUES ('calm')")
'''


def version_of(database: Database) -> str:
    with database.read() as connection:
        return schema_version(connection)


def test_the_migrations_lead_to_the_tables_of_this_version(tmp_path: Path) -> None:
    database = database_at("", tmp_path)
    with database.write() as connection:
        upgrade(connection)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert schema_version(connection) == SCHEMA_VERSION
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == SCHEMA_VERSION


def test_a_new_database_has_the_same_tables_as_a_migrated_one(tmp_path: Path) -> None:
    def statements(database: Database) -> list[tuple[Any, ...]]:
        with database.read() as connection:
            rows = connection.execute(text("SELECT name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite%'"))
            return sorted(tuple(row) for row in rows)

    new, migrated = database_at("", tmp_path / "new"), database_at("", tmp_path / "migrated")
    with writing(new):
        pass
    with migrated.write() as connection:
        upgrade(connection)
    assert statements(new) == statements(migrated)
    with new.read() as one, migrated.read() as other:
        for table in metadata.tables:
            assert str(inspect(one).get_columns(table)) == str(inspect(other).get_columns(table))
            assert inspect(one).get_pk_constraint(table) == inspect(other).get_pk_constraint(table)


@pytest.fixture
def old(shout: Task[..., str]) -> Database:
    """The database of this version, with an example."""
    shout.examples.add("A", text="a")
    return shout.examples.store.database  # type: ignore[attr-defined]


@pytest.fixture
def newer_plait(old: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """From now on a Plait with one migration more."""
    config = alembic_config()
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "next.py").write_text(NEXT_REVISION)
    script = config.get_main_option("script_location")
    config.set_main_option("version_locations", f"{script}/versions{os.pathsep}{folder}")
    config.set_main_option("path_separator", "os")
    monkeypatch.setattr(migrations, "alembic_config", lambda: config)
    monkeypatch.setattr(schema, "SCHEMA_VERSION", NEXT)
    monkeypatch.setattr(schema_update, "SCHEMA_VERSION", NEXT)
    update_schema.cache_clear()
    yield
    update_schema.cache_clear()


@pytest.mark.usefixtures("newer_plait")
def test_an_older_database_is_migrated_at_its_first_use_after_a_backup(
    old: Database, shout: Task[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "plait")
    assert [each.answer for each in shout.examples] == ["A"] and version_of(old) == NEXT
    (backup,) = (old.data / "backups").glob("*-before-schema-9999.tar")
    assert str(backup) in caplog.text and read_backup(backup, None).schema == SCHEMA_VERSION
    shout.examples.add("B", text="b")
    assert shout.examples.count == 2 and len(list((old.data / "backups").iterdir())) == 1


def test_a_newer_database_is_refused_with_the_way_back(old: Database, shout: Task[..., str]) -> None:
    with old.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    update_schema.cache_clear()
    for use in (lambda: list(shout.examples), lambda: shout.examples.add("B", text="b")):
        with pytest.raises(SettingsError, match="has the schema 9999, and this Plait knows none newer than") as caught:
            use()
        assert "plait restore FILE --replace" in caught.value.hint
    assert version_of(old) == "9999"


@pytest.mark.usefixtures("newer_plait")
def test_without_a_backup_nothing_is_migrated(old: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    (old.data / "backups").write_text("in the way")
    with pytest.raises(SettingsError, match="cannot be written: File exists"):
        has_tables(old)
    assert version_of(old) == SCHEMA_VERSION


# ── kills ──


def is_whole(database: Database) -> bool:
    """Whether version and tables agree."""
    with database.read() as connection:
        columns = {each["name"] for each in inspect(connection).get_columns("examples")}
        has_moods = inspect(connection).has_table("moods")
        moods = connection.scalar(text("SELECT count(*) FROM moods")) if has_moods else 0
        return {("mood" in columns), has_moods, moods == 1} == {schema_version(connection) == NEXT}


@pytest.mark.slow
@pytest.mark.usefixtures("newer_plait")
def test_a_migration_killed_before_any_statement_leaves_the_old_or_the_new_schema(old: Database) -> None:
    def migrate() -> None:
        update_schema.cache_clear()
        has_tables(database_at("", old.data))

    statements, whole = kill_everywhere(migrate, lambda: is_whole(old), stride=STRIDE)
    assert statements > 30 and whole and version_of(old) == NEXT


@pytest.mark.usefixtures("newer_plait")
def test_a_migration_without_a_transaction_is_seen_to_stop_in_between(old: Database) -> None:
    """Negative control: each statement is committed on its own."""

    def migrate() -> None:
        for statement in ("ALTER TABLE examples ADD COLUMN mood TEXT", "CREATE TABLE moods (name TEXT)"):
            with database_at("", old.data).write() as connection:
                connection.execute(text(statement))

    _, whole = kill_everywhere(migrate, lambda: is_whole(old), stride=1)
    assert not whole
    assert known_versions() >= {SCHEMA_VERSION, NEXT}
