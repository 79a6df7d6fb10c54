"""PostgreSQL keeps what SQLite keeps: the store, write transactions, backups in both directions, migrations."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text

from plait import Image
from plait.core.errors import SettingsError, error_text
from plait.core.prompting.examples import Examples
from plait.core.prompting.few_shot import select_shots
from plait.core.prompting.project import OWNER
from plait.storage.backup import back_up
from plait.storage.database import current_database, database_at
from plait.storage.fsck import check
from plait.storage.migrations import upgrade
from plait.storage.restore import restore
from plait.storage.row_copy import digests
from plait.storage.schema import schema_version, update_schema, writing
from plait.storage.tables import SCHEMA_VERSION, files, metadata
from tests.support.postgresql import PASSWORD
from tests.support.shelf import encode_picture, shelf
from tests.support.stored_versions import add_version

SEE = '''from plait import Image, task

@task
def see(picture: Image, number: int = 0) -> str:
    """What is number {number} in {picture}?"""
    ...
'''
PNG = encode_picture(shelf().resize((400, 300)), "PNG")


@pytest.fixture
def see(load_source: Callable[..., Any], postgresql: Any) -> Any:
    return load_source(SEE, "see")


def answers(see: Any, author: str = OWNER) -> list[Any]:
    return [each.answer for each in Examples(see.declaration, author)]


def test_examples_are_added_found_removed_and_seen_by_their_author(see: Any, tmp_path: Path) -> None:
    assert answers(see) == [] and see.examples.count == 0
    see.examples.add("one", picture=Image(PNG))
    see.examples.add("two", picture=Image(PNG), number=2)
    own = Examples(see.declaration, "somebody")
    own.store.add(next(iter(see.examples)), "author")
    assert answers(see) == ["two", "one"] and answers(see, "somebody") == ["two", "two", "one"]
    shots = select_shots(see.declaration, {"picture": Image(PNG), "number": 3}, 4)
    assert {each.answer for each in shots} == {"one", "two"} and shots[0].inputs["picture"] == Image(PNG)
    assert see.examples.undo().answer == "two" and answers(see) == ["one"]
    assert not (tmp_path / "data" / "plait.db").exists() and len(list(current_database().files.digests())) == 1
    assert check(current_database()) == []


def test_write_transactions_exclude_each_other(postgresql: Any) -> None:
    with writing(postgresql):
        pass

    def add_many(name: str) -> None:
        for number in range(10):
            with writing(postgresql) as connection:
                count = connection.scalar(select(func.count()).select_from(files))
                connection.execute(files.insert().values(sha256=f"{name}{number}", size=count, created_at=0))

    threads = [threading.Thread(target=add_many, args=(name,)) for name in "abc"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with postgresql.read() as connection:
        assert sorted(connection.scalars(select(files.c.size))) == list(range(30)), "none counted in between"


def test_a_backup_of_either_database_restores_into_the_other(see: Any, tmp_path: Path, monkeypatch: Any) -> None:
    see.examples.add("one", picture=Image(PNG))
    see.examples.add("two", picture=Image(PNG))
    see.examples.undo()
    postgresql = current_database()
    back_up(postgresql, tmp_path / "from-postgresql.tar")
    with postgresql.read() as connection:
        before = digests(connection)

    monkeypatch.setenv("PLAIT_DATABASE", "")
    monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "sqlite"))
    restore(current_database(), tmp_path / "from-postgresql.tar")
    with current_database().read() as connection:
        assert digests(connection) == before
    see.examples.add("three", picture=Image(PNG), number=3)
    assert answers(see) == ["three", "one"] and check(current_database()) == []
    back_up(current_database(), tmp_path / "from-sqlite.tar")

    monkeypatch.setenv("PLAIT_DATABASE", postgresql.url.set(drivername="postgresql").render_as_string(False))
    monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "data"))
    with pytest.raises(SettingsError, match="is not empty"):
        restore(current_database(), tmp_path / "from-sqlite.tar")
    restore(current_database(), tmp_path / "from-sqlite.tar", replace=True)
    assert answers(see) == ["three", "one"]
    see.examples.add("four", picture=Image(PNG), number=4)
    assert answers(see) == ["four", "three", "one"], "ids go on after the restored ones"


def test_versions_of_models_move_into_the_other_database_with_their_aliases(
    postgresql: Any, postgresql_address: str, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("PLAIT_DATABASE", "")
    add_version(current_database(), b"adapter", alias=True)
    with current_database().read() as connection:
        before = digests(connection)
    back_up(current_database(), tmp_path / "from-sqlite.tar")
    monkeypatch.setenv("PLAIT_DATABASE", postgresql_address)
    monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "other"))
    restore(current_database(), tmp_path / "from-sqlite.tar")
    with current_database().read() as connection:
        assert digests(connection) == before
    second = add_version(current_database(), b"another", alias=True)
    assert second.number == 2 and check(current_database()) == [], "numbers and ids go on after the restored ones"
    current_database().close()


def test_the_migrations_lead_to_the_tables_of_this_version(postgresql: Any) -> None:
    with postgresql.write() as connection:
        upgrade(connection)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert schema_version(connection) == SCHEMA_VERSION
        assert connection.scalar(text("SELECT current_schema()")) == "plait"


def test_a_newer_schema_is_refused(see: Any) -> None:
    see.examples.add("one", picture=Image(PNG))
    with current_database().write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    update_schema.cache_clear()
    with pytest.raises(SettingsError, match="has the schema 9999") as caught:
        answers(see)
    assert PASSWORD not in error_text(caught.value)


def test_a_wrong_password_is_refused_and_not_shown(postgresql_address: str, postgresql: Any) -> None:
    wrong = database_at(postgresql_address.replace(PASSWORD, "another-secret"), postgresql.data)
    with pytest.raises(SettingsError, match="refuses the connection") as caught, wrong.read():
        pass
    assert "another-secret" not in error_text(caught.value) and os.environ["PLAIT_DATABASE"] == postgresql_address
