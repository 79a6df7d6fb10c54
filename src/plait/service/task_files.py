"""The files of tasks of a command or a server: those named on the command line, then those of plait.toml.

A file of tasks is run, so plait.toml may name one only if both files belong to the user: nobody else's plait.toml
runs code because a command happens to start in its folder.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from plait.core.config import FILE_NAME, current_settings
from plait.core.errors import SettingsError


def task_files(named: Iterable[Path] = ()) -> tuple[Path, ...]:
    """The files of tasks, each once. Raises SettingsError."""
    by_path: dict[Path, Path] = {}
    for file in (*named, *settings_task_files()):
        by_path.setdefault(file.resolve(), file)
    return tuple(by_path.values())


def settings_task_files() -> tuple[Path, ...]:
    """The files of `tasks` in plait.toml. Raises SettingsError if it or one of them belongs to another user."""
    files = current_settings().tasks
    if files:
        check_owner(settings_file(), "")
    for file in files:
        if not file.is_file():
            raise SettingsError(
                f"{FILE_NAME} names {file}, which does not exist", hint=f"correct tasks in {settings_file()}"
            )
        check_owner(file, f"{FILE_NAME} names {file}, but ")
    return files


def settings_file() -> Path:
    """The plait.toml in use, as an absolute path."""
    return Path.cwd() / FILE_NAME


def check_owner(file: Path, context: str) -> None:
    """Raises SettingsError if the file, or the link to it, belongs to another user."""
    user = os.getuid()
    for status in (file.lstat(), file.stat()):
        if status.st_uid != user:
            raise SettingsError(
                f"{context}{file} belongs to user {status.st_uid}, not to you ({user}): its tasks are not run",
                hint="read it, then name the files yourself: plait up my_tasks.py",
            )


def source_lines(named: Iterable[Path]) -> Iterator[str]:
    """The origin of the tasks, for people: each file, and the plait.toml that names some."""
    for file in named:
        yield f"  tasks of {file}"
    from_settings = settings_task_files()
    if from_settings:
        yield f"  tasks of {', '.join(map(str, from_settings))} ({settings_file()})"
