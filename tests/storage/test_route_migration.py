"""A filled database of schema 0003 gets the table of routes, after a backup, and keeps its rows."""

from collections.abc import Iterator

import pytest
from sqlalchemy import inspect, text

from plait.storage.archive import read_backup
from plait.storage.database import Database, current_database
from plait.storage.fsck import check
from plait.storage.migrations import upgrade
from plait.storage.route_table import StoredRoute, insert_route, newest_routes
from plait.storage.row_copy import TableDigest, digests
from plait.storage.schema import has_tables, schema_version, update_schema, writing
from plait.storage.tables import SCHEMA_VERSION

ANSWER = "INSERT INTO answers VALUES ('a1', 'p', 't', 'f', 'owner', 'Ada', 'm@1', '', '{\"answer\": 1}', 1, NULL)"
FEEDBACK = (
    "INSERT INTO feedback (answer_id, project, task, fingerprint, author, person, is_right, comment, better_than, "
    "episode, created_at) VALUES ('a1', 'p', 't', 'f', 'owner', 'Ada', true, '', '', '', 2)"
)
CHANGE = (
    "INSERT INTO alias_changes (project, name, fingerprint, weights, reason, person, created_at) "
    "VALUES ('p', 'smollm2/t', 'f', '{}', '', '', 3)"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of schema 0003 with an answer, feedback and a change of an alias."""
    if request.param == "postgresql":
        request.getfixturevalue("postgresql")
    database = current_database()
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS plait"))
        upgrade(connection, "0003")
        for statement in (ANSWER, FEEDBACK, CHANGE):
            connection.execute(text(statement))
    update_schema.cache_clear()
    yield database
    update_schema.cache_clear()


def old_rows(database: Database) -> dict[str, TableDigest]:
    with database.read() as connection:
        return {name: digest for name, digest in digests(connection).items() if name != "routes"}


def test_routes_are_added_to_a_filled_database_after_a_backup(old: Database) -> None:
    before = old_rows(old)
    assert before["answers"].rows == before["feedback"].rows == before["alias_changes"].rows == 1
    assert has_tables(old) and old_rows(old) == before and check(old) == []
    (backup,) = (old.data / "backups").glob(f"*-before-schema-{SCHEMA_VERSION}.tar")
    assert read_backup(backup, None).schema == "0003"
    with writing(old) as connection:
        assert schema_version(connection) == SCHEMA_VERSION
        added = insert_route(connection, StoredRoute("p", "r", "t", "f", "{}"))
        assert newest_routes(connection) == [added] and added.id == 1
        assert "ix_routes_project_name" in {each["name"] for each in inspect(connection).get_indexes("routes")}
