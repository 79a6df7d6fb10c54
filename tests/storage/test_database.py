"""Transactions exclude each other and are durable; errors of the driver are sentences with a hint."""

import multiprocessing
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from plait import Task
from plait.core.config import settings
from plait.core.errors import SettingsError, error_text
from plait.storage import database as module
from plait.storage.database import Database, current_database, database_at
from plait.storage.schema import has_tables, writing
from plait.storage.tables import files
from tests.support.shout_examples import nearest_answers


def count_files(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(files)) or 0


def add_file(database: Database, name: str) -> None:
    with writing(database) as connection:
        connection.execute(files.insert().values(sha256=name, size=0, created_at=0))


def test_nothing_is_created_before_the_first_write(shout: Task[..., str], tmp_path: Path) -> None:
    assert list(shout.examples) == [] and shout.examples.count == 0 and nearest_answers(shout, "x", 2) == []
    assert not (tmp_path / "data").exists()


def test_the_data_are_readable_by_their_owner_alone(shout: Task[..., str], tmp_path: Path) -> None:
    shout.examples.add("A", text="a")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "data").iterdir()} == {0o600}


def test_sqlite_keeps_a_log_and_writes_through_to_the_disk(tmp_path: Path) -> None:
    database = database_at("", tmp_path)
    add_file(database, "a")
    with database.read() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert values == ["wal", 2, 1]  # 2 is FULL


def test_an_error_takes_everything_back(tmp_path: Path) -> None:
    database = database_at("", tmp_path)
    add_file(database, "a")
    with pytest.raises(RuntimeError), writing(database) as connection:
        connection.execute(files.insert().values(sha256="b", size=0, created_at=0))
        raise RuntimeError
    assert count_files(database) == 1


def test_write_transactions_of_threads_exclude_each_other(tmp_path: Path) -> None:
    database = database_at("", tmp_path)
    add_file(database, "start")

    def add_many(name: str) -> None:
        for number in range(20):
            with writing(database) as connection:
                count = connection.scalar(select(func.count()).select_from(files))
                connection.execute(files.insert().values(sha256=f"{name}{number}", size=count, created_at=0))

    threads = [threading.Thread(target=add_many, args=(name,)) for name in "abc"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with database.read() as connection:
        assert sorted(connection.scalars(select(files.c.size))) == [0, *range(1, 61)], "none counted in between"


def test_a_child_process_has_connections_of_its_own(tmp_path: Path) -> None:
    database = database_at("", tmp_path)
    add_file(database, "parent")
    child = multiprocessing.get_context("fork").Process(target=lambda: add_file(database_at("", tmp_path), "child"))
    child.start()
    child.join()
    assert child.exitcode == 0 and count_files(database) == 2


def test_an_example_of_another_process_is_in_the_next_prompt(shout: Task[..., str], tmp_path: Path) -> None:
    shout.examples.add("A", text="a")
    assert nearest_answers(shout, "b", 3) == ["A"]
    code = "import sys; sys.path.insert(0, '.'); from my_tasks import shout; shout.examples.add('B', text='b')"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    assert nearest_answers(shout, "b", 3) == ["B", "A"]
    shout.examples.undo()
    assert nearest_answers(shout, "b", 3) == ["A"]


# ── errors ──


def test_a_locked_database_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOCK_TIMEOUT", 0.05)
    database = database_at("", tmp_path)
    add_file(database, "a")
    with closing(sqlite3.connect(tmp_path / "plait.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SettingsError, match="is in use by another process") as caught:
            add_file(database, "b")
        assert count_files(database) == 1, "readers go on"
        other.execute("ROLLBACK")
    assert caught.value.hint == "wait until it is done, then try again"
    add_file(database, "b")


def test_a_full_disk_is_reported_and_nothing_is_lost(tmp_path: Path) -> None:
    database = database_at("", tmp_path)
    add_file(database, "a")
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    with pytest.raises(SettingsError, match="cannot grow: the disk is full"), writing(database) as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(10_000):
            connection.execute(files.insert().values(sha256=f"{number:064}", size=0, created_at=0))
    assert count_files(database) == 1


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    (tmp_path / "plait.db").write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(SettingsError, match="is damaged") as caught:
        has_tables(database_at("", tmp_path))
    assert "plait restore FILE --replace" in caught.value.hint


def test_a_database_that_was_replaced_is_opened_anew(shout: Task[..., str], tmp_path: Path) -> None:
    shout.examples.add("A", text="a")
    assert nearest_answers(shout, "b", 3) == ["A"]
    (tmp_path / "data").rename(tmp_path / "former")
    assert nearest_answers(shout, "b", 3) == [] and shout.examples.count == 0
    shout.examples.add("B", text="b")
    assert nearest_answers(shout, "b", 3) == ["B"]
    with closing(sqlite3.connect(tmp_path / "former" / "plait.db")) as former:
        assert former.execute("SELECT count(*) FROM examples").fetchone() == (1,), "nothing went to the former one"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("mysql://user:secret-word@host/name", "the setting database names mysql"),
        ("no address secret-word", "the setting database is not an address"),
    ],
)
def test_an_address_of_another_database_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, address: str, message: str
) -> None:
    monkeypatch.setenv("PLAIT_DATABASE", address)
    with pytest.raises(SettingsError, match=message) as caught:
        current_database()
    assert "secret-word" not in error_text(caught.value) and "secret-word" not in repr(settings())


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    database = database_at("postgresql://me:secret-word@127.0.0.1:9/name", Path("/nowhere"))
    with pytest.raises(SettingsError, match="does not answer") as caught:
        has_tables(database)
    assert "secret-word" not in error_text(caught.value) and "127.0.0.1:9/name" in str(caught.value)
