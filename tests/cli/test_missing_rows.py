"""A task without rows to be scored on: the hint names the right file, with a row that its types accept."""

import json
import os
import re
from pathlib import Path

import pytest

from plait.cli.missing_rows import example_row
from plait.core.evaluation.rows import read_rows
from plait.service.catalog import Catalog, find_task
from tests.support.printed_commands import hints, run_printed
from tests.support.running_server import HOUSE, Shell
from tests.support.shelf import encode_picture, shelf

TASKS = '''from typing import Literal

from plait import engine, task


@task
def sort(text: str, note: str = "") -> Literal["it's", "b"]:
    """Sort {text} {note}."""
    ...


@engine.answers(sort)
def always(text: str, note: str) -> Literal["it's", "b"]:
    return "b"
'''
FLAGS = "--model always"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "sorting.py").write_text(TASKS)
    return Shell(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("folder", "address", "file"),
    [
        (".", "mine/sorting.py", "mine/held_out/sort.jsonl"),
        ("mine", "sorting.py:sort", "held_out/sort.jsonl"),
        (".", "sort", "mine/held_out/sort.jsonl"),
    ],
)
def test_the_printed_commands_write_a_row_and_score_it(
    folder: str, address: str, file: str, shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "plait.toml").write_text('tasks = ["mine/sorting.py"]\n')
    os.chdir(tmp_path / folder)
    error = shell("evaluate", address).err
    title, write, score = hints(error)
    assert f"to {file}, one per line" in title and score == f"plait evaluate {address}"
    done = run_printed(f"{write} && {score} {FLAGS}", Path.cwd())
    assert done.code == 0 and re.match(r"sort · always · \S*sort.jsonl · 1 rows", done.out), done
    assert json.loads((tmp_path / "mine/held_out/sort.jsonl").read_text()) == {"text": "...", "answer": "it's"}


@pytest.mark.parametrize(("name", "written"), [("none.jsonl", "none.jsonl"), ("empty.csv", "empty.jsonl")])
def test_a_data_file_without_rows_is_written_by_the_printed_command(
    name: str, written: str, shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "empty.csv").write_text("text,answer\n")
    error = shell("evaluate", "mine/sorting.py", "--data", name).err
    _, write, score = hints(error)
    assert name in error.splitlines()[0] and score == f"plait evaluate mine/sorting.py --data {written}"
    assert run_printed(f"{write} && {score} {FLAGS}", tmp_path).code == 0


def test_rows_of_a_built_in_task_are_not_written_into_the_package(shell: Shell) -> None:
    title, write, score = hints(shell("evaluate", "locate").err)
    assert "to locate.jsonl" in title and ">> locate.jsonl" in write
    assert score == "plait evaluate locate --data locate.jsonl"
    (suite,) = hints(shell("evaluate", "draw").err)
    assert suite.endswith(": plait evaluate draw --suite unified")


TASKS_WITH_ROWS = [task for task in Catalog.built_in() if not task.declaration.answer.media]


@pytest.mark.parametrize(
    "task", [*TASKS_WITH_ROWS, *(find_task(f"{HOUSE}:{name}")[0] for name in ("turn", "cite", "read_order"))], ids=str
)
def test_the_example_row_is_valid_for_every_task(task: object, tmp_path: Path) -> None:
    declaration = task.declaration  # type: ignore[attr-defined]
    (tmp_path / "picture.png").write_bytes(encode_picture(shelf((200, 200))))
    (tmp_path / "rows.jsonl").write_text(json.dumps(example_row(declaration)))
    (row,) = read_rows(declaration, tmp_path / "rows.jsonl")
    assert row.example().inputs.keys() == {parameter.name for parameter in declaration.parameters}
