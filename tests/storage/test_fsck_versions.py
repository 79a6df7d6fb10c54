"""fsck finds versions of models whose file is missing or damaged, and aliases that name what cannot answer."""

import os

import pytest
from sqlalchemy import text

from plait.storage.database import Database, current_database
from plait.storage.file_rows import KEEP_REMOVED, purge
from plait.storage.fsck import check
from plait.storage.model_table import StoredVersion, mark_version_removed, stored_versions
from plait.storage.schema import writing
from tests.support.stored_versions import NAME, add_version


@pytest.fixture
def database() -> Database:
    return current_database()


@pytest.fixture
def version(database: Database) -> StoredVersion:
    """The first of two versions with different files, named by the alias."""
    first = add_version(database, b"first", alias=True)
    add_version(database, b"second")
    assert check(database) == []
    return first


@pytest.mark.parametrize("damage", ["is missing", "has 2 bytes instead of 5", "has other bytes than when it was added"])
def test_a_damaged_file_is_reported_and_its_version_taken_out(
    database: Database, version: StoredVersion, damage: str
) -> None:
    file = database.files.path(version.sha256)
    if damage == "is missing":
        file.unlink()
    else:
        file.write_bytes(b"12" if "2 bytes" in damage else b"FIRST")
    (finding,) = check(database)
    assert str(finding) == f"the file of {NAME}@1 {damage}"
    (repaired, alias) = check(database, repair=True)
    assert repaired.repair == "the version is taken out of use"
    assert str(alias).startswith(f"the alias {NAME} names {NAME}@1, which is out of use")
    assert (database.data / "quarantine" / version.sha256).exists() == (damage != "is missing")
    assert check(database) == [alias], "which version answers instead is a person's decision"
    with database.read() as connection:
        first, second = stored_versions(connection)
    assert first.quarantine == f"the file {version.sha256} {damage}" and second.quarantine is None


def test_an_alias_of_a_removed_version_is_reported(database: Database, version: StoredVersion) -> None:
    with writing(database) as connection:
        mark_version_removed(connection, version.id)
    assert [str(each) for each in check(database, repair=True)] == [
        f"the alias {NAME} names {NAME}@1, which was removed (plait models alias {NAME} VERSION)"
    ]


def test_an_alias_of_a_version_that_is_not_there_is_reported(database: Database, version: StoredVersion) -> None:
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN")
        connection.execute(text(f"DELETE FROM model_versions WHERE id = {version.id}"))
        connection.commit()
    database.close()
    assert "the database has a row of aliases that refers to a missing row of model_versions" in map(
        str, check(database)
    )


def test_the_file_of_a_removed_version_stays_for_a_week(database: Database, version: StoredVersion) -> None:
    def age(microseconds: int) -> None:
        with writing(database) as connection:
            connection.execute(text("UPDATE model_versions SET removed_at = removed_at - :by"), {"by": microseconds})
            connection.execute(text("UPDATE files SET created_at = created_at - :by"), {"by": 30 * KEEP_REMOVED})
            purge(connection, database.files)

    with writing(database) as connection:
        connection.execute(text("DELETE FROM aliases"))
        mark_version_removed(connection, version.id)
    age(KEEP_REMOVED - 60_000_000)
    assert database.files.read(version.sha256) == b"first"
    age(120_000_000)
    assert not os.path.exists(database.files.path(version.sha256))
    with database.read() as connection:
        first, second = stored_versions(connection)
    assert first.removed_at and database.files.read(second.sha256) == b"second" and check(database) == []
