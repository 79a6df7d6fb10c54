"""Examples that earlier versions kept in files move into the database; killed at any step, the move loses nothing."""

import json
import os
import shutil
import sqlite3
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from plait import Task
from plait.core.errors import InputError, SettingsError
from plait.core.prompting.examples import Examples
from plait.core.prompting.project import author_of_key
from plait.storage import example_import
from plait.storage.database import database_at
from plait.storage.example_import import free_name
from tests.support.shout_examples import examples_file, nearest_answers

KILLED = 9
STEPS = ("open", "write", "fsync", "replace", "rename", "close", "mkdir")


def row(text: str, fingerprint: str | None) -> bytes:
    line = {"text": text, "times": 1, "answer": text.upper()}
    return json.dumps(line | ({"fingerprint": fingerprint} if fingerprint else {})).encode()


@pytest.fixture
def shared(shout: Task[..., str], tmp_path: Path) -> Path:
    """The file of an early version: rows of this form, of another one, of none, a blank and a repeated row."""
    own = shout.declaration.fingerprint
    file = tmp_path / "data" / "examples" / "shout.jsonl"
    file.parent.mkdir(parents=True)
    lines = [row("a", own), b"   ", row("b", "0123456789ab"), row("c", own), row("c", own), row("d", None)]
    file.write_bytes(b"\n".join(lines) + b"\n")
    return file


def test_rows_move_to_the_project_and_form_they_belong_to(shout: Task[..., str], shared: Path) -> None:
    content = shared.read_bytes()
    assert [each.answer for each in shout.examples] == ["D", "C", "C", "A"]
    assert nearest_answers(shout, "a", 9) == ["A", "D", "C"]
    assert not shared.exists() and shared.with_name("shout.jsonl.imported").read_bytes() == content
    shout.examples.add("E", text="e")
    removed = shout.examples.undo()
    assert removed and removed.answer == "E" and shout.examples.count == 4


def test_rows_of_another_form_wait_for_the_first_project_that_uses_it(
    shout: Task[..., str], shared: Path, load_source: Callable[..., Any]
) -> None:
    now = load_source(Path("my_tasks.py").read_text().replace("Shout", "Cry"), "shout")
    shared.write_bytes(row("x", now.declaration.fingerprint) + b"\n")
    assert list(shout.examples) == [] and not shared.exists()
    assert [each.answer for each in now.examples] == ["X"]


def test_the_files_of_a_project_and_of_an_author_are_taken_over(shout: Task[..., str], tmp_path: Path) -> None:
    file, author = examples_file(shout.declaration), author_of_key("one")
    own = file.parent / "authors" / author / file.name
    own.parent.mkdir(parents=True)
    file.write_bytes(row("a", None))
    own.write_bytes(row("b", None))
    assert [each.answer for each in Examples(shout.declaration, author)] == ["B", "A"]
    assert [each.answer for each in shout.examples] == ["A"]


def test_a_file_that_somebody_puts_there_later_is_added(shout: Task[..., str], shared: Path) -> None:
    content = shared.read_bytes()
    assert shout.examples.count == 4
    shared.write_bytes(content + row("f", shout.declaration.fingerprint) + b"\n")
    assert [each.answer for each in shout.examples] == ["F", "D", "C", "C", "A"]
    assert free_name(shared).name == "shout.jsonl.imported-3"


def test_another_project_gets_none_of_them(
    shout: Task[..., str], shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shout.examples.count == 4
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "plait.toml").write_text("")
    monkeypatch.chdir(tmp_path / "other")
    assert list(shout.examples) == []


def test_a_row_that_is_no_example_is_reported_and_nothing_moves(shout: Task[..., str], shared: Path) -> None:
    content = shared.read_bytes()
    for bad, message in ((b"broken\n", "jsonl:7 is not JSON"), (b'{"text": "a"}\n', "jsonl:7 has no answer")):
        shared.write_bytes(content + bad)
        with pytest.raises(InputError, match=message):
            list(shout.examples)
        assert shared.read_bytes() == content + bad
    shared.write_bytes(content)
    assert shout.examples.count == 4


def test_an_import_that_loses_a_row_leaves_the_file_and_the_database_as_they_were(
    shout: Task[..., str], shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, insert = shared.read_bytes(), example_import.insert

    def lossy(connection: Any, store: Any, where: Any, row: Any, correction: str) -> int:
        return 0 if row["text"] == "c" else insert(connection, store, where, row, correction)

    monkeypatch.setattr(example_import, "insert", lossy)
    with pytest.raises(SettingsError, match="were not all imported"):
        list(shout.examples)
    assert shared.read_bytes() == content and stored_rows(shared.parents[1]) == Counter()


# ── kills ──


def killed_at(step: int, work: Callable[[], None]) -> bool:
    """Whether a process that does the work is killed at this step; a write that is killed writes half."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork, where there are threads
        child = os.fork()
    if not child:
        count = 0

        def hooked(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                nonlocal count
                count += 1
                if count == step:
                    if name == "write":
                        function(args[0], bytes(args[1])[: len(args[1]) // 2])
                    os._exit(KILLED)
                return function(*args, **kwargs)

            return call

        for name in STEPS:
            setattr(os, name, hooked(name, getattr(os, name)))
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


def stored_rows(data: Path) -> Counter[str]:
    """The texts of the rows in the database of a data folder."""
    if not (data / "plait.db").exists():
        return Counter()
    with closing(sqlite3.connect(data / "plait.db")) as database:
        has_tables = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'examples'").fetchone()[0]
        rows = database.execute("SELECT row FROM examples").fetchall() if has_tables else []
    return Counter(json.loads(text)["text"] for (text,) in rows)


def file_rows(data: Path) -> Counter[str]:
    lines = [line for file in data.rglob("*.jsonl*") for line in file.read_bytes().split(b"\n") if line.strip()]
    return Counter(json.loads(line)["text"] for line in lines)


def losses(data: Path, work: Callable[[], None], finish: Callable[[], None]) -> tuple[int, list[int]]:
    """The number of steps of the work, and those after which a row was nowhere or the end was another one."""
    before = data.with_name("before")
    shutil.copytree(data, before)
    expected = file_rows(before)
    step, lost = 1, []
    while killed_at(step, work):
        if expected - stored_rows(data) - file_rows(data):
            lost.append(step)
        finish()
        if stored_rows(data) != expected:
            lost.append(step)
        database_at("", data).close()
        shutil.rmtree(data)
        shutil.copytree(before, data)
        step += 1
    return step - 1, lost


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_an_import_that_is_killed_at_any_step_loses_nothing(shout: Task[..., str], shared: Path) -> None:
    def move() -> None:
        list(shout.examples)

    steps, lost = losses(shared.parents[1], move, move)
    assert steps > 5 and lost == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_an_import_that_renames_first_is_seen_to_lose_rows(shout: Task[..., str], shared: Path) -> None:
    """Negative control of the test above."""

    def careless() -> None:
        if shared.exists():
            content = shared.read_bytes()
            os.replace(shared, shared.with_suffix(".gone"))
            shared.with_suffix(".gone").unlink()
            os.mkdir(shared.parent / "late")
            shared.with_name("shout.jsonl.late").write_bytes(content)

    steps, lost = losses(shared.parents[1], careless, lambda: None)
    assert lost and steps < 30
