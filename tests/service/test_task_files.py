"""Files of tasks named in plait.toml: only the user's own are run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from plait.core.errors import SettingsError
from plait.service import task_files as module
from plait.service.catalog import find_task
from plait.service.task_files import source_lines, task_files
from tests.service.test_task_module import TASK
from tests.support.running_server import error_of
from tests.support.user_modules import user_folder


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    files = {"my_tasks.py": TASK, "plait.toml": 'tasks = ["my_tasks.py"]\n'}
    with user_folder(tmp_path, monkeypatch, files) as folder:
        yield folder


def test_the_tasks_of_plait_toml_are_found_by_name(folder: Path) -> None:
    task, catalog = find_task("cook")
    assert task.declaration.source.display_path == "my_tasks.py"
    assert catalog["sort_message"]


def test_a_file_is_loaded_once_if_it_is_named_twice(folder: Path) -> None:
    assert task_files([folder / "my_tasks.py"]) == (folder / "my_tasks.py",)
    assert list(source_lines(())) == [f"  tasks of my_tasks.py ({folder}/plait.toml)"]


def test_a_plait_toml_of_another_user_runs_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.os, "getuid", lambda: os.geteuid() + 1)
    error = error_of(task_files)
    assert isinstance(error, SettingsError) and "its tasks are not run" in error.message
    assert error.message.startswith(f"{folder}/plait.toml belongs to user ") and "plait up my_tasks.py" in error.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_and_a_link_of_another_user_are_not_run(folder: Path) -> None:
    os.chown(folder / "my_tasks.py", 4_321, -1)
    assert "plait.toml names my_tasks.py, but my_tasks.py belongs to user 4321" in error_of(task_files).message
    os.chown(folder / "my_tasks.py", 0, -1)
    (folder / "plait.toml").rename(folder / "real.toml")
    (folder / "plait.toml").symlink_to("real.toml")
    assert task_files()
    os.lchown(folder / "plait.toml", 4_321, -1)
    assert "belongs to user 4321" in error_of(task_files).message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('tasks = ["no.py"]', "plait.toml names no.py, which does not exist"),
        ('tasks = "my_tasks.py"', 'plait.toml:1: tasks is "my_tasks.py": it should be a valid array'),
        ("tasks = [3]", "plait.toml:1: tasks.1 is 3"),
        ('task = ["my_tasks.py"]', "plait.toml:1: task is an unknown key"),
    ],
)
def test_a_wrong_list_is_refused_with_its_line(folder: Path, line: str, message: str) -> None:
    (folder / "plait.toml").write_text(f"{line}\n")
    error = error_of(task_files)
    assert error.message.startswith(message) and error.hint
