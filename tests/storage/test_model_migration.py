"""A filled database of schema 0001 is migrated to the newest one after a backup, and whole or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from plait.storage.archive import read_backup
from plait.storage.backup import back_up
from plait.storage.database import Database, current_database, database_at
from plait.storage.fsck import check
from plait.storage.migrations import upgrade
from plait.storage.restore import restore
from plait.storage.row_copy import TableDigest, digests
from plait.storage.schema import has_tables, schema_version, update_schema
from plait.storage.tables import SCHEMA_VERSION, metadata
from tests.support.killed_statements import kill_everywhere
from tests.support.stored_versions import add_version

NEW_TABLES = set(metadata.tables) - {"files", "examples", "example_files"}
STRIDE = 4  # a kill before every fourth statement; the others are looked at by changing this

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of schema 0001 with forty examples, one of them with a file."""
    if request.param == "postgresql":
        request.getfixturevalue("postgresql")
    database = current_database()
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS plait"))
        upgrade(connection, "0001")
        connection.execute(text("DELETE FROM files"))
        sha256 = database.files.add(b"picture")
        connection.execute(text(f"INSERT INTO files VALUES ('{sha256}', 7, 1)"))
        columns = "project, task, fingerprint, author, row, correction, created_at"
        values = "'p', 't', 'f', '', '{\"text\":\"a\",\"answer\":\"A\"}', '', :at"
        for at in range(40):
            connection.execute(text(f"INSERT INTO examples ({columns}) VALUES ({values})"), {"at": at})
        link = f"INSERT INTO example_files SELECT min(id), '[]', '{sha256}', '' FROM examples"
        connection.execute(text(link))
    update_schema.cache_clear()
    yield database
    update_schema.cache_clear()


def rows_of_old_tables(database: Database) -> dict[str, TableDigest]:
    with database.read() as connection:
        return {name: digest for name, digest in digests(connection).items() if name not in NEW_TABLES}


def is_whole(database: Database) -> bool:
    """Whether version and tables agree: all tables of the newest schema, or none."""
    with database.read() as connection:
        tables = NEW_TABLES & set(inspect(connection).get_table_names())
        return tables == (NEW_TABLES if schema_version(connection) == SCHEMA_VERSION else set())


def migrate(database: Database) -> None:
    update_schema.cache_clear()
    address = "" if database.is_sqlite else database.url.set(drivername="postgresql").render_as_string(False)
    has_tables(database_at(address, database.data))


def test_a_filled_database_is_migrated_after_a_backup_that_is_verified(old: Database) -> None:
    before = rows_of_old_tables(old)
    assert has_tables(old) and is_whole(old) and rows_of_old_tables(old) == before
    (backup,) = (old.data / "backups").glob(f"*-before-schema-{SCHEMA_VERSION}.tar")
    assert read_backup(backup, None).schema == "0001" and check(old) == []


def test_the_backup_of_a_migration_takes_the_rows_back(old: Database) -> None:
    before = rows_of_old_tables(old)
    migrate(old)
    (backup,) = (old.data / "backups").iterdir()
    with old.write() as connection:
        connection.execute(text("DELETE FROM example_files"))
        connection.execute(text("DELETE FROM examples"))
    restore(old, backup, replace=True)
    update_schema.cache_clear()
    assert has_tables(old) and rows_of_old_tables(old) == before and is_whole(old)


@pytest.mark.slow
def test_killed_before_any_statement_it_leaves_the_old_or_the_new_schema(old: Database) -> None:
    before = rows_of_old_tables(old)
    statements, whole = kill_everywhere(lambda: migrate(old), lambda: is_whole(old), STRIDE)
    assert statements > 30 and whole and rows_of_old_tables(old) == before
    with old.read() as connection:
        assert schema_version(connection) == SCHEMA_VERSION


@pytest.mark.parametrize("old", ["sqlite"], indirect=True)
def test_tables_that_are_made_one_by_one_are_seen_to_stop_in_between(old: Database) -> None:
    """Negative control: each table is committed on its own."""

    def make_tables() -> None:
        for name in sorted(NEW_TABLES):
            with database_at("", old.data).write() as connection:
                connection.execute(text(f"CREATE TABLE {name} (name TEXT)"))

    assert not kill_everywhere(make_tables, lambda: is_whole(old), stride=1)[1]


def test_a_backup_of_versions_restores_them_with_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = current_database()
    version = add_version(database, b"adapter", alias=True)
    with database.read() as connection:
        before = digests(connection)
    back_up(database, tmp_path / "b.tar")
    monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "elsewhere"))
    restore(current_database(), tmp_path / "b.tar")
    with current_database().read() as connection:
        assert digests(connection) == before
    assert current_database().files.read(version.sha256) == b"adapter" and check(current_database()) == []
