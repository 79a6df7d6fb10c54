"""The catalog of tasks: built-in ones (one file each), those of other packages and apps, and those of a served file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from plait.core import plugins
from plait.core.app import installed_apps
from plait.core.calls.transport import TaskSummary
from plait.core.config import settings
from plait.core.errors import PlaitError, SettingsError, TaskNotFound
from plait.core.suggestions import did_you_mean
from plait.core.task.declaration import Declaration
from plait.core.task.signature import annotation_text
from plait.core.task.task import Task
from plait.service.task_files import task_files
from plait.service.task_module import import_file

AnyTask = Task[..., Any]


@dataclass(frozen=True)
class Catalog:
    """Tasks by name, each once. `error` is set if they are not those of the files as they are now."""

    tasks: tuple[AnyTask, ...]
    error: PlaitError | None = None

    def __iter__(self) -> Iterator[AnyTask]:
        return iter(self.tasks)

    def __getitem__(self, name: str) -> AnyTask:
        """The task of that name. Raises TaskNotFound with the nearest one."""
        for task in self.tasks:
            if task.declaration.name == name:
                return task
        names = [task.declaration.name for task in self.tasks]
        known = f"there are {', '.join(names)}" if names else "there are no tasks yet: plait serve my_tasks.py"
        raise TaskNotFound(f"no task is called {name!r}", hint=did_you_mean(name, names, known))

    @staticmethod
    def built_in() -> "Catalog":
        return Catalog.from_tasks(
            task for plugin in plugins.built_in(plugins.TASKS) for task in tasks_in(plugin.load())
        )

    @staticmethod
    def all_installed() -> "Catalog":
        """The built-in tasks, then those of other packages, then those of apps. The first task of a name wins."""
        tasks = (task for attempt in plugins.attempts(plugins.TASKS) if attempt.part for task in tasks_in(attempt.part))
        app_tasks = (task for each in installed_apps() for task in each.parts(each.app.tasks))
        return Catalog.built_in().merge(tasks).merge(app_tasks)

    @staticmethod
    def with_files(*files: Path) -> "Catalog":
        """The tasks of the files, then the installed ones. A file's task replaces an installed one of the same name."""
        tasks = (task for file in files for task in tasks_in(import_file(file)))
        return Catalog.from_tasks(tasks).merge(Catalog.all_installed())

    @staticmethod
    def of_project() -> "Catalog":
        """The tasks that plait.toml names, then the installed ones."""
        return Catalog.with_files(*task_files())

    def merge(self, others: "Iterable[AnyTask]") -> "Catalog":
        """A catalog with the other tasks appended, except those whose name it has already."""
        by_name = {task.declaration.name: task for task in self.tasks}
        for task in others:
            by_name.setdefault(task.declaration.name, task)
        return Catalog(tuple(by_name.values()))

    @staticmethod
    def from_tasks(tasks: Iterable[AnyTask]) -> "Catalog":
        """A catalog of these tasks. Raises SettingsError, naming both files, if two tasks have the same name."""
        by_name: dict[str, AnyTask] = {}
        for task in tasks:
            other = by_name.setdefault(task.declaration.name, task)
            if other.declaration.source.file != task.declaration.source.file:
                raise SettingsError(
                    f"two tasks are called {task.declaration.name}",
                    details=(other.declaration.source.display_path, task.declaration.source.display_path),
                    hint="rename one: the name is used in the command line and in the URL",
                )
        return Catalog(tuple(by_name.values()))


def tasks_in(module: ModuleType) -> list[AnyTask]:
    """The tasks that a module declares or imports, in the order of its names."""
    return [value for value in vars(module).values() if isinstance(value, Task)]


def find_task(address: str) -> tuple[AnyTask, Catalog]:
    """The task at an address: a built-in task's name, or `my_tasks.py:name`. Raises TaskNotFound, SettingsError."""
    file, colon, name = address.rpartition(":")
    if colon and file.endswith(".py"):
        catalog = Catalog.with_files(Path(file))
        return catalog[name], catalog
    if address.endswith(".py"):
        catalog = Catalog.from_tasks(tasks_in(import_file(Path(address))))
        names = [task.declaration.name for task in catalog]
        if len(names) == 1:
            return catalog.tasks[0], catalog
        raise TaskNotFound(
            f"{address} has {len(names)} tasks", hint=f"name one: {address}:{names[0] if names else 'name'}"
        )
    catalog = Catalog.built_in()
    if settings().tasks or all(task.declaration.name != address for task in catalog):
        catalog = Catalog.of_project()
    return catalog[address], catalog


def summarize_task(declaration: Declaration) -> TaskSummary:
    answer = annotation_text(declaration.answer_annotation)
    return TaskSummary(declaration.name, str(declaration.instruction), answer, declaration.fingerprint)
