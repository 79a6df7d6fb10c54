"""The store of examples: pictures are files of their own, what no longer fits is left out, removed rows stay a week."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from plait import Image, Task
from plait.core.errors import InputError
from plait.core.prompting import examples as core_examples
from plait.core.prompting.few_shot import select_shots
from plait.storage import example_table
from plait.storage.database import Database, current_database
from plait.storage.file_rows import KEEP_REMOVED, purge
from plait.storage.schema import writing
from plait.storage.tables import example_files, examples, files
from tests.support.shelf import encode_picture, shelf
from tests.support.shout_examples import nearest_answers

SEE = '''from plait import Image, task

@task
def see(picture: Image, more: list[Image] = []) -> str:
    """What is in {picture} and {more}?"""
    ...
'''
PNG = encode_picture(shelf().resize((400, 300)), "PNG")
OTHER = encode_picture(shelf().resize((300, 400)), "PNG")


@pytest.fixture
def see(load_source: Callable[..., Any]) -> Any:
    return load_source(SEE, "see")


def values(column: Any) -> list[Any]:
    with current_database().read() as connection:
        return list(connection.scalars(select(column)))


def test_pictures_are_kept_once_as_files_and_come_back(see: Any) -> None:
    see.examples.add("one", picture=Image(PNG), more=[Image(OTHER), Image(PNG)])
    see.examples.add("two", picture=Image(PNG))
    assert [each.inputs["more"] for each in see.examples] == [[], [Image(OTHER), Image(PNG)]]
    assert all(each.inputs["picture"] == Image(PNG) for each in see.examples)
    assert len(values(files.c.sha256)) == 2 and len(values(example_files.c.path)) == 4
    assert max(map(len, values(examples.c.row))) < 300
    (shot, _) = select_shots(see.declaration, {"picture": Image(OTHER), "more": []}, 4)
    assert shot.inputs["picture"] == Image(PNG)


def test_an_example_whose_picture_is_damaged_is_left_out_and_named_once(
    see: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "plait")
    see.examples.add("one", picture=Image(PNG))
    see.examples.add("two", picture=Image(OTHER))
    database = current_database()
    (first, *_) = values(example_files.c.sha256)
    database.files.path(first).write_bytes(b"damaged")
    for _ in range(2):
        assert [each.answer for each in see.examples] == ["two"]
    assert caplog.text.count("a picture of example 1 cannot be read") == 1 and "plait fsck --repair" in caplog.text
    assert see.examples.count == 2


def test_a_row_that_no_longer_fits_is_left_out(shout: Task[..., str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "plait")
    shout.examples.add("A", text="a")
    shout.examples.add("B", text="b")
    with writing(current_database()) as connection:
        row = {"text": "a", "times": "many", "answer": "A", "fingerprint": shout.declaration.fingerprint}
        connection.execute(update(examples).where(examples.c.id == 1).values(row=json.dumps(row)))
    assert [each.answer for each in shout.examples] == ["B"] and nearest_answers(shout, "a", 2) == ["B"]
    assert "not used by shout: InputError: example 1 is not an example" in caplog.text


def age(database: Database, microseconds: int) -> None:
    """Lets everything be that much older."""
    with writing(database) as connection:
        for table, column in (("examples", "removed_at"), ("examples", "created_at"), ("files", "created_at")):
            connection.execute(text(f"UPDATE {table} SET {column} = {column} - {microseconds}"))


def test_what_was_removed_stays_for_a_week_with_its_files(see: Any) -> None:
    see.examples.add("one", picture=Image(PNG))
    see.examples.add("two", picture=Image(OTHER))
    database = current_database()
    assert see.examples.undo().answer == "two" and see.examples.count == 1
    age(database, KEEP_REMOVED - 60_000_000)
    with writing(database) as connection:
        purge(connection, database.files)
    assert len(values(examples.c.id)) == 2 and len(list(database.files.digests())) == 2
    age(database, 120_000_000)
    with writing(database) as connection:
        purge(connection, database.files)
    assert len(values(examples.c.id)) == 1 and len(list(database.files.digests())) == 1
    assert [each.inputs["picture"] for each in see.examples] == [Image(PNG)]


def test_the_digest_changes_with_every_change(shout: Task[..., str]) -> None:
    digests = [shout.examples.store.digest]
    shout.examples.add("A", text="a")
    digests.append(shout.examples.store.digest)
    shout.examples.add("A", text="a")
    digests.append(shout.examples.store.digest)
    assert len(set(digests)) == 3
    shout.examples.undo()
    assert shout.examples.store.digest == digests[1]


def test_a_store_of_another_package_takes_the_place_of_the_database(
    shout: Task[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Empty:
        def __init__(self, declaration: Any, author: str) -> None:
            self.count = 7

    other = core_examples.plugins.Plugin(core_examples.plugins.EXAMPLE_STORES, "a", "x", "another-package")
    own = core_examples.plugins.find(core_examples.plugins.EXAMPLE_STORES, "database")
    monkeypatch.setattr(core_examples.plugins, "external", lambda point: (own, other))
    load = core_examples.plugins.attempt_load
    monkeypatch.setattr(
        core_examples.plugins,
        "attempt_load",
        lambda plugin: core_examples.plugins.LoadAttempt(plugin, Empty) if plugin is other else load(plugin),
    )
    assert shout.examples.count == 7


def test_a_picture_that_cannot_be_kept_is_no_example(see: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    see.examples.add("one", picture=Image(PNG))

    def full(store: Any, content: bytes) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(example_table.FileStore, "add", full)
    with pytest.raises(Exception, match=r"a file cannot be written to .*: No space left on device"):
        see.examples.add("two", picture=Image(OTHER))
    assert [each.answer for each in see.examples] == ["one"]
    with pytest.raises(InputError):
        see.examples.add(3, picture=Image(OTHER))
