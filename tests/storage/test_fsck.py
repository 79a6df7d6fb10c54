"""Every planted fault is found; a repair puts it into quarantine, deletes nothing, and leaves no fault."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from plait import Image
from plait.storage.database import current_database, database_at
from plait.storage.fsck import check
from plait.storage.schema import writing
from tests.support.shelf import encode_picture, shelf

SEE = '''from plait import Image, task

@task
def see(picture: Image) -> str:
    """What is in {picture}?"""
    ...
'''


@pytest.fixture
def see(load_source: Callable[..., Any]) -> Any:
    """A task with three examples, whose pictures are files."""
    see = load_source(SEE, "see")
    for number in range(3):
        see.examples.add(f"{number}", picture=Image(encode_picture(shelf().resize((400, 300 + number)), "PNG")))
    return see


def picture_file(number: int) -> Path:
    database = current_database()
    with database.read() as connection:
        query = text("SELECT sha256 FROM example_files ORDER BY example_id LIMIT 1 OFFSET :number")
        return database.files.path(str(connection.scalar(query, {"number": number})))


def execute(statement: str) -> None:
    with writing(current_database()) as connection:
        connection.execute(text(statement))


def age(path: Path) -> None:
    hours_ago = time.time() - 7_200
    os.utime(path, (hours_ago, hours_ago))


def plant_missing(see: Any) -> None:
    picture_file(1).unlink()


def plant_damaged(see: Any) -> None:
    picture_file(1).write_bytes(b"x" * picture_file(1).stat().st_size)


def plant_shortened(see: Any) -> None:
    os.truncate(picture_file(1), 10)


def plant_broken_row(see: Any) -> None:
    execute("UPDATE examples SET row = 'no json' WHERE id = 2")


def plant_orphan(see: Any) -> None:
    age(database_at("", current_database().data).files.path(current_database().files.add(b"orphan")))


def plant_stray(see: Any) -> None:
    stray = picture_file(0).with_name(".unfinished")
    stray.write_bytes(b"half")
    age(stray)


def plant_open_folder(see: Any) -> None:
    current_database().data.chmod(0o755)


def plant_open_database(see: Any) -> None:
    current_database().file.chmod(0o644)


PLANTS = {
    plant_missing: ("is missing: 1 examples taken out", {"0", "2"}),
    plant_damaged: ("has other bytes than when it was added: 1 examples taken out", {"0", "2"}),
    plant_shortened: ("has 10 bytes instead of ", {"0", "2"}),
    plant_broken_row: ("example 2 is not a row with an answer: 1 examples taken out", {"0", "2"}),
    plant_orphan: ("belongs to no row: moved to ", {"0", "1", "2"}),
    plant_stray: (".unfinished belongs to no row: moved to ", {"0", "1", "2"}),
    plant_open_folder: ("can be read by others (mode 755): now 700", {"0", "1", "2"}),
    plant_open_database: ("can be read by others (mode 644): now 600", {"0", "1", "2"}),
}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_found_and_repaired_and_nothing_is_deleted(see: Any, plant: Callable[[Any], None]) -> None:
    database = current_database()
    assert check(database) == []
    plant(see)
    everything = sum(1 for path in database.data.rglob("*") if path.is_file() and "plait.db" not in path.name)
    message, left = PLANTS[plant]
    (finding,) = check(database)
    (repaired,) = check(database, repair=True)
    assert message in str(repaired) and str(repaired).startswith(str(finding)) and finding.repair == ""
    assert check(database) == []
    assert sum(1 for path in database.data.rglob("*") if path.is_file() and "plait.db" not in path.name) == everything
    assert {each.answer for each in see.examples} == left


def test_a_young_file_without_a_row_may_belong_to_a_write(see: Any) -> None:
    current_database().files.add(b"young")
    assert check(current_database()) == []


def test_a_damaged_database_is_named_and_left_alone(see: Any) -> None:
    database = current_database()
    with database.read() as connection:
        connection.execute(text("SELECT 1"))
    columns = "project, task, fingerprint, author"
    values = f"SELECT {columns}, row || hex(randomblob(20000)), '', 0 FROM examples"
    execute(f"INSERT INTO examples ({columns}, row, correction, created_at) {values}")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.close()
    content = bytearray(database.file.read_bytes())
    content[3 * 4_096 : 12 * 4_096] = b"\x55" * (9 * 4_096)
    database.file.write_bytes(content)
    before = database.file.read_bytes()
    found = check(database, repair=True)
    assert found and all(each.subject == "the database" and "damaged" in each.fault for each in found)
    assert database.file.read_bytes() == before


def test_an_empty_folder_has_no_fault() -> None:
    assert check(current_database()) == []
